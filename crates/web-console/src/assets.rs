//! Style, script and icon, in the program. Their names hold a digest of their content, so browsers keep them for good and
//! still get new ones with a new program.

use std::{fmt::Write as _, sync::LazyLock};

use actix_web::{
    HttpResponse,
    http::header::{self, HeaderValue},
    web::Path,
};
use sha2::{Digest, Sha256};

use crate::failure::Failure;

/// So many bytes of the digest are in a name: enough to tell versions apart.
const DIGEST_BYTES: usize = 8;

/// A file that pages refer to.
pub(crate) struct Asset {
    /// Where browsers find it.
    path: String,
    media_type: &'static str,
    content: &'static str,
}

/// How pages look.
pub(crate) static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("console", "css", "text/css; charset=utf-8", include_str!("../assets/console.css"))
});
/// What pages do by themselves.
pub(crate) static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("console", "js", "text/javascript; charset=utf-8", include_str!("../assets/console.js"))
});
/// What tabs show.
pub(crate) static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("icon", "svg", "image/svg+xml", include_str!("../assets/icon.svg")));

impl Asset {
    fn new(stem: &str, extension: &str, media_type: &'static str, content: &'static str) -> Self {
        let digest = Sha256::digest(content);
        let digest = digest.iter().take(DIGEST_BYTES).fold(String::new(), |mut text, byte| {
            // Writing into a string can't fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        Self { path: format!("/assets/{stem}.{digest}.{extension}"), media_type, content }
    }

    /// Where browsers find it.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }
}

/// Answers an asset.
pub(crate) async fn serve(name: Path<String>) -> Result<HttpResponse, Failure> {
    let assets = [&*STYLE, &*SCRIPT, &*ICON];
    let asset = assets.into_iter().find(|asset| asset.path.strip_prefix("/assets/") == Some(name.as_str()));
    let asset = asset.ok_or_else(Failure::not_found)?;
    Ok(HttpResponse::Ok()
        .content_type(asset.media_type)
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        // An icon that is opened by itself is a page too.
        .insert_header((header::CONTENT_SECURITY_POLICY, "default-src 'none'"))
        .insert_header((
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ))
        .body(asset.content))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_content_has_another_name() {
        let path = |content| Asset::new("console", "css", "text/css", content).path;
        assert_ne!(path("a {}"), path("b {}"));
        assert_eq!(path("a {}"), path("a {}"));
    }
}
