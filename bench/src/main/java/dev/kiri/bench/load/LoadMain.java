package dev.kiri.bench.load;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// Makes one load and prints what it saw as one JSON line. Arguments: `open ADDRESS PORT
/// CONNECTIONS RATE WARM-UP-SECONDS SECONDS` or `churn ADDRESS PORT ROWS WARM-UP-SECONDS SECONDS`.
public final class LoadMain {
  private LoadMain() {}

  public static void main(String[] arguments) throws InterruptedException {
    var server = new InetSocketAddress(arguments[1], Integer.parseInt(arguments[2]));
    int connections = Integer.parseInt(arguments[3]);
    Map<String, Object> result =
        switch (arguments[0]) {
          case "open" ->
              new OpenLoop(
                      server,
                      connections,
                      Integer.parseInt(arguments[4]),
                      seconds(arguments[5]),
                      seconds(arguments[6]))
                  .run();
          case "churn" ->
              new Churn(server, connections, seconds(arguments[4]), seconds(arguments[5])).run();
          default -> throw new IllegalArgumentException("no load named " + arguments[0]);
        };
    System.out.println(JsonMapper.shared().writeValueAsString(result));
  }

  private static Duration seconds(String text) {
    return Duration.ofMillis(Math.round(Double.parseDouble(text) * 1000));
  }
}
