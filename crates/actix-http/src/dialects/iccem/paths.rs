//! The other paths of its routes: all are also under `/api/v1`, those for administrators also under `/admin`, be that
//! under `/api/v1` or not. There the list of users is called `/users`.
//!
//! A request at such a path is taken for one at the path that is documented, before it is routed; so every route is
//! declared once, and all that is known by its path (its dialect, its other methods) is known of its other paths, too.

use actix_web::http::{Uri, uri::PathAndQuery};

const FOR_EVERYBODY: [&str; 4] = ["/token", "/refresh", "/me", "/ping"];

/// Where a request at another path of a route should have gone; `None` for all other requests.
pub(in crate::dialects) fn documented(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let below = path.strip_prefix("/api/v1").unwrap_or(path);
    let route = match below.strip_prefix("/admin") {
        Some("/users") => "/get_users",
        Some(route) if is_for_administrators(route) => route,
        None if FOR_EVERYBODY.contains(&below) || is_for_administrators(below) => below,
        Some(_) | None => return None,
    };
    if route == path {
        return None;
    }
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(format!("{route}{query}")).ok()?);
    Uri::from_parts(parts).ok()
}

fn is_for_administrators(route: &str) -> bool {
    let names_somebody =
        ["/update_permissions/", "/remove_user/"].iter().any(|beginning| route.starts_with(beginning));
    names_somebody || matches!(route, "/create_user" | "/get_users")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documented_of(path: &str) -> Option<String> {
        documented(&path.parse().unwrap()).map(|uri| uri.to_string())
    }

    #[test]
    fn every_route_has_its_other_paths() {
        for (path, route) in [
            ("/api/v1/token", "/token"),
            ("/api/v1/me?expected_type=refresh", "/me?expected_type=refresh"),
            ("/admin/create_user", "/create_user"),
            ("/api/v1/create_user", "/create_user"),
            ("/api/v1/admin/create_user", "/create_user"),
            ("/api/v1/admin/update_permissions/7", "/update_permissions/7"),
            ("/admin/remove_user/7", "/remove_user/7"),
            ("/api/v1/admin/users?limit=5&offset=5", "/get_users?limit=5&offset=5"),
            ("/admin/users", "/get_users"),
            ("/api/v1/get_users", "/get_users"),
        ] {
            assert_eq!(documented_of(path).as_deref(), Some(route), "{path}");
        }
    }

    #[test]
    fn the_paths_of_others_are_left_alone() {
        for path in [
            "/token",
            "/get_users",
            "/users",
            "/api/v1/users",
            "/admin/token",
            "/admin/check",
            "/admin/block/7",
            "/api/v1/public/users/login",
            "/api/v1",
            "/api/v1/docs",
            "/api/v1token",
            "/api/v1/api/v1/token",
            "/v1/me",
            "/",
        ] {
            assert_eq!(documented_of(path), None, "{path}");
        }
    }
}
