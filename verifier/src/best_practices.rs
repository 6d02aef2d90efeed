//! The JWT best current practices rule by rule: RFC 8725, as its successor (draft-ietf-oauth-rfc8725bis) numbers them, each with how it
//! is kept here and the tests that prove it. The tests are in `tests/verifier` and `tests/vectors`.
//!
//! | rule | how it is kept | tests |
//! |---|---|---|
//! | 3.1 perform algorithm verification | a policy names the algorithms, and there is no policy without; a key is used for its own `alg` and type only, whatever the header says; names are compared exactly | `signatures::an_algorithm_that_is_not_accepted_here_is_refused_whatever_the_key`, `signatures::a_key_is_used_for_its_own_algorithm_only`, `tokens::a_policy_that_accepts_what_nobody_can_mean_is_none` |
//! | 3.2 use appropriate algorithms | `none` and shared secrets do not exist in the type `Algorithm`, so nobody can ask for them; RSA keys of less than 2048 bits are not used | `signatures::none_and_shared_secrets_are_refused_in_every_spelling`, `sets::keys_that_cannot_be_used_are_passed_over_with_the_reason` |
//! | 3.3 validate all cryptographic operations | no payload is decoded before its signature is verified, and every bit of a token counts; a JWE is no token here | `tampering::every_single_bit_of_every_token_counts`, `tampering::a_signature_of_another_token_is_refused`, `rfc::every_token_comes_out_as_it_should` |
//! | 3.4 validate cryptographic inputs | points must be on their curve and of no small order, coordinates as long as its field, moduli and exponents odd and in their bounds; signatures are refused that are another spelling of a good one | `sets::keys_that_cannot_be_used_are_passed_over_with_the_reason`, `sets::points_of_small_order_are_no_keys`, `wycheproof_ecdsa::every_ecdsa_vector_comes_out_as_it_should`, `wycheproof_eddsa::every_ed25519_vector_comes_out_as_it_should`, `wycheproof_rsa::every_pkcs1_vector_comes_out_as_it_should`, `wycheproof_rsa::every_pss_vector_comes_out_as_it_should` |
//! | 3.5 ensure that keys have sufficient entropy | no key is a password: `oct` keys are passed over | `rfc::the_keys_of_rfc_7517_are_used_for_signatures_and_without_private_halves_only` |
//! | 3.6 avoid compression of encryption inputs | nothing is decrypted here | `rfc::every_token_comes_out_as_it_should` |
//! | 3.7 use UTF-8 | header and claims in any other encoding are no JSON, a byte order mark included | `encodings::texts_are_utf_8_and_nothing_else` |
//! | 3.8 validate issuer and subject | `iss` must be there and equal byte by byte, and the keys are those of this issuer: its metadata must name it; whether `sub` is known is for the service to say, which can require it | `tokens::issuer_and_audience_are_compared_byte_by_byte`, `sets::metadata_must_be_of_the_issuer_and_name_a_safe_address`, `tokens::claims_that_are_required_are_there_and_not_null` |
//! | 3.9 use and validate audience | `aud` must be there and one of it equal byte by byte | `tokens::issuer_and_audience_are_compared_byte_by_byte` |
//! | 3.10 do not trust received claims | a kid is compared with those that are published, and reaches nothing else; `jwk`, `jku`, `x5u` and `x5c` are not read; a status list is fetched only from where the issuer is; keys come over TLS or from this machine, and no redirect is followed | `tokens::a_kid_is_compared_and_nothing_else`, `tokens::keys_that_come_with_the_token_are_not_even_read`, `status::a_list_elsewhere_is_not_asked_for_unless_that_was_configured`, `http::a_redirect_is_not_followed`, `http::a_certificate_that_nobody_vouches_for_is_not_believed` |
//! | 3.11 use explicit typing | `typ` must be one that the policy accepts, `JWT` or none by itself | `tokens::the_type_is_one_that_is_accepted` |
//! | 3.12 use mutually exclusive validation rules | a policy accepts one kind of token by its types, its audience and the claims that it requires; Status List Tokens have rules of their own | `tokens::the_type_is_one_that_is_accepted`, `tokens::claims_that_are_required_are_there_and_not_null`, `status::a_list_that_is_not_to_be_believed_is_none` |
//! | 3.13 limit hash iteration count | there is no PBES2 here; what a token can cost is bounded by its size and by that of the keys | `tokens::a_token_has_a_size`, `sets::keys_that_cannot_be_used_are_passed_over_with_the_reason` |
//! | 3.14 check JWT format type | three parts of base64url in the one spelling that their bytes have, and nothing else, JSON least of all | `tampering::a_part_that_is_cut_or_added_is_noticed`, `tampering::a_second_spelling_of_the_same_signature_is_refused`, `tampering::no_other_text_is_accepted`, `rfc::every_token_comes_out_as_it_should` |
//! | 3.15 limit JWE decompression size | no token is inflated; a status list is, to four mebibytes at most | `status::a_list_that_is_not_to_be_believed_is_none` |
//!
//! Beyond these: members that stand twice (`tokens::a_header_has_one_meaning`, `tokens::claims_have_one_meaning_and_their_types`,
//! `sets::a_set_that_has_two_meanings_or_none_is_refused`), critical extensions
//! (`tokens::critical_extensions_are_refused_and_unencoded_payloads_among_them`), times
//! (`tokens::times_are_numbers_of_seconds_and_count_with_the_leeway`, `tokens::the_age_is_bounded_where_that_is_asked_for`), floods
//! (`remote::a_flood_of_made_up_kids_makes_one_fetch_in_a_cooldown`) and rotations
//! (`rotation::every_good_token_is_accepted_across_ten_rotations_and_restarts`).
