-- Questions about tokens, as wrk sends them: the forms in the file that INTROSPECT_FORMS names, in turn.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
wrk.headers["Authorization"] = os.getenv("INTROSPECT_AUTHORIZATION")

local forms, number = {}, 0
for line in io.lines(os.getenv("INTROSPECT_FORMS")) do
    forms[#forms + 1] = line
end

function request()
    number = number % #forms + 1
    return wrk.format(nil, nil, nil, forms[number])
end
