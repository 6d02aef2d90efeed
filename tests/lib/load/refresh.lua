-- Refreshes of sessions, each with the token that the one before was answered with. Takes a file with a refresh token a line, and
-- how many of them are each thread's: one more than it has connections, since wrk tries the first request out.
local threads = 0

function setup(thread)
    thread:set("number", threads)
    threads = threads + 1
end

function init(arguments)
    waiting = {}
    local share, line = tonumber(arguments[2]), 0
    for token in io.lines(arguments[1]) do
        if math.floor(line / share) == number then table.insert(waiting, token) end
        line = line + 1
    end
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
end

function request()
    return wrk.format(nil, nil, nil, '{"refresh_token":"' .. (table.remove(waiting) or "") .. '"}')
end

function response(_, _, body)
    table.insert(waiting, body:match('"refresh_token":"([^"]+)"'))
end
