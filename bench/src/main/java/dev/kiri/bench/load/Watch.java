package dev.kiri.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// Asks without a pause and prints, each time the answer's `x-route` is another one than before,
/// the microseconds since the epoch and the value. Ends when it is ended.
final class Watch {
  private Watch() {}

  static void run(InetSocketAddress server) throws InterruptedException {
    var request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://"
                        + server.getAddress().getHostAddress()
                        + ":"
                        + server.getPort()
                        + "/1k"))
            .timeout(Duration.ofSeconds(5))
            .build();
    String last = "";
    try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      while (true) {
        String value;
        try {
          value =
              client
                  .send(request, HttpResponse.BodyHandlers.discarding())
                  .headers()
                  .firstValue("x-route")
                  .orElse("none");
        } catch (IOException broken) {
          value = "broken";
        }
        if (!value.equals(last)) {
          last = value;
          System.out.println(ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now()) + " " + value);
        }
      }
    }
  }
}
