-- Refreshes of sessions, each with the token that the one before was answered with. Takes a file with a refresh token a line, and
-- how many of them are each thread's: one more than it has connections, since wrk tries the first request out.
--
-- All tokens are of one length, so a request is three texts in a row: what wrk.format does beside takes longer than some refreshes.
local threads = 0
local before = '"refresh_token":"'

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
        length = #token
    end
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    local request = wrk.format(nil, nil, nil, '{' .. before .. string.rep("x", length) .. '"}')
    head = request:sub(1, -length - 3)
end

function request()
    return head .. (table.remove(waiting) or "") .. '"}'
end

function response(_, _, body)
    local _, found = body:find(before, 1, true)
    table.insert(waiting, body:sub(found + 1, found + length))
end
