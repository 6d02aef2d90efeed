-- A login of a demo user, as wrk sends it.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"username":"userABC","password":"password123"}'
