//! Words of other programs, by what they are here.

use super::Meant::{self, Say, Word};

/// Names of one thing, and what it is here.
type Names = (&'static [&'static str], Meant);

/// By what a word is, as the vocabulary says it: the names that other programs have for it.
pub(super) const WORDS: &[(&str, &[Names])] = &[
    (
        "a mode",
        &[
            (&["production", "prd", "live", "release"], Word("prod")),
            (&["development", "devel", "local", "debug"], Word("dev")),
            (&["stage", "stg", "preprod", "pre-production", "uat", "qa", "preview"], Word("staging")),
            (&["testing", "tests", "ci", "unittest"], Word("test")),
        ],
    ),
    (
        "a way to sign in",
        &[
            (&["passwords", "email", "username", "credentials", "login", "form", "basic", "local"], Word("password")),
            (&["passkeys", "webauthn", "fido", "fido2", "security-key"], Word("passkey")),
            (&["oauth2", "oidc", "openid", "openid-connect", "social", "google", "github"], Word("oauth")),
            (&["sso", "saml", "ldap", "kerberos", "proxy", "header", "jwt", "bearer", "mtls"], Word("external")),
        ],
    ),
    (
        "what is served",
        &[
            (&["page", "html", "web", "website", "site", "ui", "frontend", "spa"], Word("pages")),
            (&["apis", "json", "rest", "graphql", "grpc", "data", "webhook", "webhooks"], Word("api")),
        ],
    ),
    (
        "a provider of bot protection",
        &[
            (&["cloudflare", "cloudflare-turnstile", "cf-turnstile"], Word("turnstile")),
            (
                &["recaptcha", "hcaptcha", "friendly-captcha", "captcha"],
                Say(
                    "no other provider than Cloudflare's Turnstile is known: leave `[bot_protection]` out, and waive BOT004 with its name",
                ),
            ),
        ],
    ),
    (
        "a database engine",
        &[
            (
                &[
                    "postgres",
                    "pg",
                    "psql",
                    "pgsql",
                    "postgis",
                    "cockroachdb",
                    "cockroach",
                    "timescaledb",
                    "supabase",
                    "neon",
                    "postgresql+asyncpg",
                    "postgresql+psycopg",
                    "postgresql+psycopg2",
                    "django.db.backends.postgresql",
                ],
                Word("postgresql"),
            ),
            (
                &[
                    "mariadb",
                    "aurora",
                    "planetscale",
                    "mysql+pymysql",
                    "mysql+aiomysql",
                    "mysql2",
                    "django.db.backends.mysql",
                ],
                Word("mysql"),
            ),
            (&["sqlite3", "sqlite+aiosqlite", "libsql", "turso", "django.db.backends.sqlite3"], Word("sqlite")),
            (&["mongo", "mongodb+srv", "mongodb-atlas", "documentdb"], Word("mongodb")),
            (&["firebase", "google-firestore"], Word("firestore")),
            (
                &["mssql", "mssql+pyodbc", "sqlserver", "oracle", "oracledb", "db2", "dynamodb", "cassandra", "h2"],
                Say("this one is not known: leave `engine` out, and the rules ask about `url` and `tls` alone"),
            ),
        ],
    ),
    (
        "a kind of database TLS",
        &[
            (&["disable", "disabled", "none", "no", "false", "plain"], Word("off")),
            (&["required", "on", "yes", "true", "ssl", "tls", "enabled"], Word("require")),
            (&["verify", "verify-identity", "verify_server", "full"], Word("verify-full")),
            (
                &["verify-ca"],
                Say("it takes the certificate of any name that its authority signed: write \"verify-full\""),
            ),
            (
                &["prefer", "preferred", "allow", "opportunistic"],
                Say("it goes on in plain text where TLS fails: write \"require\", or \"verify-full\""),
            ),
        ],
    ),
    (
        "a mail carrier",
        &[
            (
                &[
                    "sendgrid",
                    "ses",
                    "amazon-ses",
                    "mailgun",
                    "postmark",
                    "mailjet",
                    "resend",
                    "sparkpost",
                    "mandrill",
                    "mailtrap",
                    "postfix",
                    "sendmail",
                    "django.core.mail.backends.smtp.EmailBackend",
                ],
                Word("smtp"),
            ),
            (&["google", "gsuite", "google-workspace"], Word("gmail")),
            (&["sendinblue"], Word("brevo")),
            (&["console", "filebased", "log", "dummy", "locmem", "stdout", "mailhog", "mailpit"], Word("file")),
        ],
    ),
    (
        "a kind of mail security",
        &[
            (&["ssl", "smtps", "implicit-tls", "tls-wrapper", "wrapped", "ssl/tls"], Word("implicit")),
            (&["explicit", "explicit-tls", "opportunistic"], Word("starttls")),
            (&["tls", "true", "use_tls"], Say("\"starttls\" is what port 587 takes, \"implicit\" what port 465 does")),
            (&["plain", "off", "no", "false", "insecure"], Word("none")),
        ],
    ),
    (
        "an X-Frame-Options value",
        &[
            (&["none", "never", "block"], Word("DENY")),
            (&["self", "same"], Word("SAMEORIGIN")),
            (
                &["allow-from", "allow", "allowall"],
                Say(
                    "no browser heeds it: name the sites that may frame the pages in `frame-ancestors` of the Content-Security-Policy",
                ),
            ),
        ],
    ),
    (
        "a Referrer-Policy",
        &[
            (&["none", "never", "off"], Word("no-referrer")),
            (&["default", "strict"], Word("strict-origin-when-cross-origin")),
        ],
    ),
    (
        "a Cross-Origin-Resource-Policy",
        &[
            (&["self", "same"], Word("same-origin")),
            (&["site"], Word("same-site")),
            (&["any", "all", "public"], Word("cross-origin")),
        ],
    ),
    ("a SameSite value", &[(&["no", "off", "no_restriction"], Word("none"))]),
    (
        "a cookie's purpose",
        &[
            (
                &["auth", "authentication", "login", "sign-in", "jwt", "token", "sid", "access-token", "refresh-token"],
                Word("session"),
            ),
            (&["xsrf", "csrftoken", "antiforgery"], Word("csrf")),
            (&["oauth", "oidc", "state", "oauth2"], Word("oauth-state")),
            (
                &["theme", "language", "locale", "ui", "preferences", "settings", "consent", "analytics"],
                Word("preference"),
            ),
        ],
    ),
    (
        "a secret's purpose",
        &[
            (&["sign", "jwt", "hmac", "session", "cookie", "token", "secret-key", "csrf"], Word("signing")),
            (&["encrypt", "encrypting", "crypto", "aes", "fernet", "kms"], Word("encryption")),
            (&["apikey", "service", "third-party", "external", "webhook", "smtp", "oauth"], Word("api")),
            (&["db", "postgres", "mysql", "redis"], Word("database")),
            (&["root", "superuser", "administrator", "bootstrap"], Word("admin")),
        ],
    ),
    (
        "a token algorithm",
        &[
            (&["hmac", "hmac-sha256", "sha256", "HS"], Word("HS256")),
            (&["rsa", "rsa-sha256", "RS"], Word("RS256")),
            (&["ecdsa", "ec", "p-256", "ES"], Word("ES256")),
            (&["ed25519", "ed"], Word("EdDSA")),
        ],
    ),
    (
        "a state backend",
        &[
            (&["in-memory", "mem", "local", "locmem", "process", "dict", "simple", "memorystore"], Word("memory")),
            (&["valkey", "keydb", "dragonfly", "elasticache", "rediss", "upstash", "redis-cluster"], Word("redis")),
            (&["db", "sql", "postgres", "postgresql", "mysql", "sqlite", "mongodb"], Word("database")),
            (&["no", "off", "stateless", "nothing", "null"], Word("none")),
            (
                &["memcached", "memcache"],
                Say(
                    "it is not known: \"redis\" is judged, and \"none\" where the app keeps nothing that its processes have to share",
                ),
            ),
        ],
    ),
    (
        "what a limit counts by",
        &[
            (
                &["address", "client", "client-ip", "remote-addr", "ip-address", "anon", "host", "get_remote_address"],
                Word("ip"),
            ),
            (&["account", "username", "user-id", "principal", "api-key"], Word("user")),
        ],
    ),
    (
        "what is locked",
        &[
            (&["user", "username", "email", "login", "user-id"], Word("account")),
            (&["address", "client", "ip-address", "remote-addr"], Word("ip")),
            (&["account-and-ip", "ip-and-account", "user-and-ip", "ip+account", "account+ip", "all"], Word("both")),
        ],
    ),
    (
        "a password hash",
        &[
            (&["argon2", "argon2i", "argon2d", "Argon2PasswordHasher", "PASSWORD_ARGON2ID"], Word("argon2id")),
            (&["bcrypt-sha256", "bcryptjs", "BCryptPasswordEncoder", "PASSWORD_BCRYPT", "blowfish"], Word("bcrypt")),
            (&["pbkdf2", "PBKDF2PasswordHasher", "Pbkdf2PasswordEncoder", "pbkdf2-hmac-sha256"], Word("pbkdf2-sha256")),
            (&["none", "noop", "plaintext", "cleartext"], Word("plain")),
            (
                &["yescrypt", "sha512-crypt", "sha256-crypt", "crypt"],
                Say("it is not known: write the one that the app uses for new passwords"),
            ),
        ],
    ),
    (
        "a kind of character",
        &[
            (&["uppercase", "capital", "capitals"], Word("upper")),
            (&["lowercase"], Word("lower")),
            (&["digits", "number", "numbers", "numeric"], Word("digit")),
            (&["symbol", "symbols", "specials", "punctuation", "non-alphanumeric"], Word("special")),
        ],
    ),
    (
        "a place where TLS ends",
        &[
            (&["nginx", "caddy", "edge", "server", "reverse-proxy", "here", "ingress", "gateway"], Word("proxy")),
            (&["cdn", "cloudflare", "load-balancer", "lb", "alb", "elb", "balancer", "before"], Word("upstream")),
            (&["none", "no", "disabled", "false", "http", "never"], Word("off")),
        ],
    ),
    (
        "a TLS guideline",
        &[
            (
                &["old", "legacy", "compatible"],
                Say("it lets in versions of TLS that are broken: write \"intermediate\""),
            ),
            (&["strict", "high", "tls13"], Word("modern")),
            (&["default", "recommended", "medium"], Word("intermediate")),
        ],
    ),
    (
        "a version of TLS",
        &[
            (&["tlsv1.3", "tls1.3", "VersionTLS13", "v1.3"], Word("1.3")),
            (&["tlsv1.2", "tls1.2", "VersionTLS12", "v1.2"], Word("1.2")),
            (&["tlsv1.1", "tls1.1", "v1.1"], Word("1.1")),
            (&["tlsv1", "tlsv1.0", "tls1.0", "tls1", "v1.0"], Word("1.0")),
            (&["ssl3", "sslv3", "ssl2", "sslv2"], Say("no server of today speaks it: write \"1.2\"")),
        ],
    ),
    (
        "a key exchange group",
        &[
            (&["p-256", "secp256r1", "nistp256", "CurveP256"], Word("prime256v1")),
            (&["p-384", "nistp384", "CurveP384"], Word("secp384r1")),
            (&["p-521", "nistp521", "CurveP521"], Word("secp521r1")),
            (&["curve25519", "x25519_kyber768", "mlkem"], Word("X25519MLKEM768")),
        ],
    ),
    (
        "a way to treat plain HTTP",
        &[
            (&["301", "302", "307", "308", "https", "upgrade", "permanent"], Word("redirect")),
            (&["block", "deny", "close", "off", "reject", "disabled", "none", "drop"], Word("refuse")),
            (&["allow", "on", "keep", "answer", "both"], Word("serve")),
        ],
    ),
    (
        "an issuer",
        &[
            (
                &["letsencrypt", "le", "certbot", "zerossl", "buypass", "acme.sh", "cert-manager", "auto", "caddy"],
                Word("acme"),
            ),
            (&["digicert", "sectigo", "globalsign", "comodo", "godaddy", "public", "commercial", "bought"], Word("ca")),
            (&["aws", "acm", "azure", "gcp", "google", "cloudflare", "managed"], Word("cloud")),
            (&["internal", "corporate", "company", "own", "step-ca", "smallstep", "vault", "custom"], Word("private")),
            (&["self", "snakeoil", "mkcert", "dev", "none"], Word("self-signed")),
        ],
    ),
    (
        "a layer",
        &[
            (&["nginx", "caddy", "edge", "gateway", "ingress", "server"], Word("proxy")),
            (&["application", "backend", "framework", "django", "fastapi", "middleware"], Word("app")),
            (&["both", "any", "default"], Word("auto")),
        ],
    ),
    (
        "a way to forward addresses",
        &[
            (&["replace", "set", "strip", "remote_addr"], Word("overwrite")),
            (&["add", "keep", "trust", "$proxy_add_x_forwarded_for"], Word("append")),
        ],
    ),
    (
        "a kind of client",
        &[
            (&["web", "server", "private", "backend", "web-app"], Word("confidential")),
            (&["spa", "native", "mobile", "desktop", "browser", "none"], Word("public")),
            (&["jwt", "private_key", "client-assertion"], Word("private-key-jwt")),
            (&["tls", "tls-client-auth", "certificate"], Word("mtls")),
        ],
    ),
    (
        "a way to send people back",
        &[
            (&["post", "form"], Word("form_post")),
            (&["get", "code", "default"], Word("query")),
            (&["fragment", "token", "implicit"], Say("it shows the token to the browser's history: write \"query\"")),
        ],
    ),
    (
        "a gateway implementation",
        &[
            (&["envoy", "envoyproxy", "contour"], Word("envoy-gateway")),
            (
                &["nginx", "f5", "ngf"],
                Say("\"nginx-gateway-fabric\" is F5's for the Gateway API, \"ingress-nginx\" the retired controller"),
            ),
            (&["gcp", "gke-l7-gxlb", "google"], Word("gke")),
            (&["konghq", "kong-gateway"], Word("kong")),
            (&["gateway-api", "default"], Word("standard")),
            (&["haproxy", "alb", "aws", "apisix", "linkerd", "kgateway", "gloo"], Word("other")),
        ],
    ),
    (
        "a reader of .env files",
        &[
            (
                &["dotenv", "flask", "load_dotenv"],
                Say("\"python-dotenv\" is Python's, \"node-dotenv\" the one of npm, \"dotenvy\" Rust's"),
            ),
            (&["pydantic", "fastapi", "basesettings"], Word("pydantic-settings")),
            (&["django", "environ"], Word("django-environ")),
            (&["docker-compose", "podman-compose"], Word("compose")),
            (&["podman", "docker-run"], Word("docker")),
            (&["sh", "shell", "source", "zsh"], Word("bash")),
            (&["nodejs", "node --env-file"], Word("node")),
            (&["next", "nextjs", "vite", "express", "nestjs", "dotenv-expand"], Word("node-dotenv")),
            (&["service", "EnvironmentFile"], Word("systemd")),
            (&["rust"], Word("dotenvy")),
        ],
    ),
    (
        "a security header",
        &[
            (&["csp"], Word("Content-Security-Policy")),
            (&["csp-report-only"], Word("Content-Security-Policy-Report-Only")),
            (&["xfo"], Word("X-Frame-Options")),
            (&["nosniff"], Word("X-Content-Type-Options")),
            (&["coop"], Word("Cross-Origin-Opener-Policy")),
            (&["corp"], Word("Cross-Origin-Resource-Policy")),
            (&["coep"], Word("Cross-Origin-Embedder-Policy")),
            (
                &["hsts", "Strict-Transport-Security"],
                Say("who sends Strict-Transport-Security, `hsts.enforced_by` says"),
            ),
        ],
    ),
];
