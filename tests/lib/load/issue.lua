-- A token for the fixture user: no password is hashed for it. Ends with the 99th percentile of the latency.
wrk.method = "POST"

function done(_, latency, _)
    io.write(string.format("p99 in microseconds: %d\n", latency:percentile(99)))
end
