package dev.kiri.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// Makes one load and prints what it saw as one JSON line. Arguments: `open ADDRESS PORT
/// CONNECTIONS RATE WARM-UP-SECONDS SECONDS`, `cold ADDRESS PORT CONNECTIONS RATE SECONDS` (begins
/// when the server first answers), `churn ADDRESS PORT ROWS WARM-UP-SECONDS SECONDS` or `hold
/// ADDRESS PORT CONNECTIONS` (prints a line when they stand, holds them until standard input ends).
public final class LoadMain {
  private static final Duration LONGEST_START = Duration.ofSeconds(90);

  private LoadMain() {}

  public static void main(String[] arguments) throws InterruptedException, IOException {
    var server = new InetSocketAddress(arguments[1], Integer.parseInt(arguments[2]));
    if (arguments[0].equals("watch")) {
      Watch.run(server);
      return;
    }
    int connections = Integer.parseInt(arguments[3]);
    print(
        switch (arguments[0]) {
          case "open" ->
              open(server, connections, arguments[4], seconds(arguments[5]), seconds(arguments[6]));
          case "cold" -> cold(server, connections, arguments[4], seconds(arguments[5]));
          case "churn" ->
              new Churn(server, connections, seconds(arguments[4]), seconds(arguments[5])).run();
          case "hold" -> new Hold(server, connections).run(System.in, LoadMain::print);
          default -> throw new IllegalArgumentException("no load named " + arguments[0]);
        });
  }

  private static Map<String, Object> open(
      InetSocketAddress server, int connections, String rate, Duration warmUp, Duration time)
      throws InterruptedException {
    return new OpenLoop(server, connections, Integer.parseInt(rate), warmUp, time).run();
  }

  private static Map<String, Object> cold(
      InetSocketAddress server, int connections, String rate, Duration time)
      throws IOException, InterruptedException {
    long first = new FirstAnswer(server, LONGEST_START).await(Clock.systemUTC());
    var seen = new LinkedHashMap<>(open(server, connections, rate, Duration.ZERO, time));
    seen.put("firstMillis", first);
    return seen;
  }

  private static void print(Map<String, Object> seen) {
    System.out.println(JsonMapper.shared().writeValueAsString(seen));
  }

  private static Duration seconds(String text) {
    return Duration.ofMillis(Math.round(Double.parseDouble(text) * 1000));
  }
}
