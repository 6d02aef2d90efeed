//! An adapter under test together with what must live as long as it.

use std::any::Any;
use std::ops::Deref;
use std::sync::Arc;

/// An `Arc<dyn Port>` that keeps something else alive: a temporary folder, a server.
pub struct Fixture<P: ?Sized> {
    port: Arc<P>,
    _kept: Box<dyn Any + Send + Sync>,
}

impl<P: ?Sized> Fixture<P> {
    /// The port of an adapter that needs `kept` as long as it lives.
    pub fn keeping(kept: impl Any + Send + Sync, port: Arc<P>) -> Self {
        Self { port, _kept: Box::new(kept) }
    }
}

impl<P: ?Sized> Deref for Fixture<P> {
    type Target = Arc<P>;

    fn deref(&self) -> &Arc<P> {
        &self.port
    }
}
