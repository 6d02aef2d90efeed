-- A token for the fixture user, as wrk asks for it: no password is hashed. Ends with the 99th percentile of the latency.
wrk.method = "POST"

function done(_, latency, _)
    io.write(string.format("p99 in microseconds: %d\n", latency:percentile(99)))
end
