//! Names and secrets from the browser's own source of chance.

use crate::protocol::matrix::Chance;

/// Draws what nobody can foresee.
#[derive(Debug)]
pub(super) struct Secrets;

impl Chance for Secrets {
    fn token(&mut self) -> String {
        let mut bytes = [0_u8; 16];
        let crypto = web_sys::window().and_then(|window| window.crypto().ok());
        let is_drawn = crypto.is_some_and(|crypto| crypto.get_random_values_with_u8_array(&mut bytes).is_ok());
        if !is_drawn {
            // Every engine that runs WebAssembly has it; a page may have taken it away.
            bytes.fill_with(weak_byte);
        }
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a byte is drawn")]
fn weak_byte() -> u8 {
    (js_sys::Math::random() * 256.0) as u8
}
