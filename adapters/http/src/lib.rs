//! The HTTP adapter: routes, problems, OpenAPI document, Swagger UI.
