//! QR codes of what an authenticator app is to scan, as SVG and as PNG.

use base64ct::{Base64, Encoding};
use qrcode::render::svg;
use qrcode::{Color, EcLevel, QrCode};

/// The light modules around a code (ISO/IEC 18004 section 9.1).
const QUIET: usize = 4;
/// How many pixels a module of the PNG is wide and high.
const SCALE: usize = 6;

/// One code in both forms.
pub(crate) struct QrImages {
    /// An SVG document.
    pub(crate) svg: String,
    /// A PNG as a `data:` URI (RFC 2397).
    pub(crate) png: String,
}

impl QrImages {
    /// The code of `text`, or `None` if that is too long for one.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let svg = code.render::<svg::Color<'_>>().min_dimensions(240, 240).build();
        let png = png(&code).ok()?;
        Some(Self { svg, png: format!("data:image/png;base64,{}", Base64::encode_string(&png)) })
    }
}

/// The code in black and white, a bit a pixel.
fn png(code: &QrCode) -> Result<Vec<u8>, png::EncodingError> {
    let (modules, colors) = (code.width(), code.to_colors());
    let side = (modules + 2 * QUIET) * SCALE;
    let is_dark = |x: usize, y: usize| {
        let module = |pixel: usize| (pixel / SCALE).checked_sub(QUIET).filter(|module| *module < modules);
        module(x).zip(module(y)).is_some_and(|(x, y)| colors[y * modules + x] == Color::Dark)
    };
    let mut rows = vec![0; side.div_ceil(8) * side];
    for (y, row) in rows.chunks_exact_mut(side.div_ceil(8)).enumerate() {
        for x in (0..side).filter(|x| !is_dark(*x, y)) {
            row[x / 8] |= 0x80 >> (x % 8);
        }
    }
    let mut bytes = Vec::new();
    let side = u32::try_from(side).expect("a code has 177 modules at most");
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.write_header()?.write_image_data(&rows)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pixels of a PNG, black as true.
    fn pixels(uri: &str) -> Vec<Vec<bool>> {
        let bytes = Base64::decode_vec(uri.strip_prefix("data:image/png;base64,").unwrap()).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut buffer = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut buffer).unwrap();
        let row = |row: &[u8]| (0..info.width as usize).map(|x| row[x / 8] & 0x80 >> (x % 8) == 0).collect();
        buffer.chunks_exact(info.line_size).map(row).collect()
    }

    #[test]
    fn the_png_shows_each_module_and_a_quiet_zone() {
        let text = "otpauth://totp/example.com:jane?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=example.com";
        let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
        let shown = pixels(&QrImages::of(text).unwrap().png);
        let side = code.width() + 2 * QUIET;
        assert_eq!((shown.len(), shown[0].len()), (side * SCALE, side * SCALE));
        for (y, row) in shown.iter().enumerate() {
            for (x, is_dark) in row.iter().enumerate() {
                let inside = |pixel: usize| (QUIET..side - QUIET).contains(&(pixel / SCALE));
                let expected = inside(x) && inside(y) && code[(x / SCALE - QUIET, y / SCALE - QUIET)] == Color::Dark;
                assert_eq!(*is_dark, expected, "{x} {y}");
            }
        }
    }

    #[test]
    fn the_svg_is_a_document() {
        let svg = QrImages::of("otpauth://totp/x").unwrap().svg;
        assert!(svg.starts_with("<?xml") && svg.ends_with("</svg>"), "{svg:.200}");
    }

    #[test]
    fn what_is_too_long_has_no_code() {
        assert!(QrImages::of(&"x".repeat(2000)).is_some());
        assert!(QrImages::of(&"x".repeat(3000)).is_none());
    }
}
