package dev.kiri.local.demo;

import static dev.kiri.local.store.KubeObject.numberIn;

import java.util.Collections;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// The steps about what traffic does: encryption between nodes, splitting, live changes.
final class TrafficSteps {
  private static final String WEB = "spiffe://cluster.local/ns/shop/sa/web";
  private static final String ORDERS = "spiffe://cluster.local/ns/shop/sa/orders";
  private static final String SECRET = "card-4111-1111-1111-1111";
  private static final int REQUESTS = 300;

  private final Shop shop;

  TrafficSteps(Shop shop) {
    this.shop = shop;
  }

  /// 1. Layer 4: both ends know each other, and the wire shows nothing.
  Observed encrypted() throws InterruptedException {
    var client = shop.ztunnelLog("node-1");
    var server = shop.ztunnelLog("node-2");
    long clientFrom = Shop.size(client);
    long serverFrom = Shop.size(server);
    var capturing = new CountDownLatch(1);
    var captured =
        CompletableFuture.supplyAsync(
            () ->
                shop.mesh()
                    .call(
                        "capture",
                        Map.of("needle", SECRET, "millis", 1200),
                        _ -> capturing.countDown()),
            task -> Thread.ofVirtual().start(task));
    boolean _ = capturing.await(5, TimeUnit.SECONDS);
    var answer = shop.curl("shop", "web", "-H", "x-card: " + SECRET, "http://orders/");
    var traffic = captured.join();
    boolean clientLogged = shop.logLine(client, clientFrom, TrafficSteps::namesBoth).isPresent();
    boolean serverLogged = shop.logLine(server, serverFrom, TrafficSteps::namesBoth).isPresent();
    int tls = numberIn(traffic, 0, "tlsRecords");
    int clear = numberIn(traffic, 0, "inClear");
    boolean ok =
        answer.text().startsWith("200")
            && answer.text().contains(SECRET)
            && clientLogged
            && serverLogged
            && tls > 0
            && clear == 0;
    return new Observed(
        ok,
        "status "
            + answer.text().split(" ", 2)[0]
            + "; both identities in the log of ztunnel/node-1: "
            + yes(clientLogged)
            + ", of ztunnel/node-2: "
            + yes(serverLogged)
            + "; on the wire "
            + tls
            + " TLS records on port 15008, "
            + clear
            + " packets with the header in clear");
  }

  private static boolean namesBoth(String line) {
    return line.contains(WEB) && line.contains(ORDERS);
  }

  static String yes(boolean value) {
    return value ? "yes" : "no";
  }

  /// 2. Layer 7: the waypoint splits by weight and routes by header.
  Observed split() {
    var all =
        shop.run("shop", "web", "curl", "-s", "-m", "30", "http://catalog/?n=[1-" + REQUESTS + "]");
    var versions = Shop.versions(all.text());
    int v2 = Collections.frequency(versions, "v2");
    var preview =
        Shop.versions(
            shop.run(
                    "shop",
                    "web",
                    "curl",
                    "-s",
                    "-m",
                    "10",
                    "-H",
                    "x-preview: yes",
                    "http://catalog/?n=[1-20]")
                .text());
    int preview2 = Collections.frequency(preview, "v2");
    // 300 draws with p = 0.1: outside 10..55 once in more than a million runs.
    boolean ok =
        versions.size() == REQUESTS
            && v2 >= 10
            && v2 <= 55
            && preview.size() == 20
            && preview2 == 20;
    return new Observed(
        ok,
        versions.size()
            + " answers, "
            + (versions.size() - v2)
            + " from v1 and "
            + v2
            + " from v2; with the header "
            + preview2
            + " of "
            + preview.size()
            + " from v2");
  }

  /// 6. A manifest is edited while traffic runs.
  Observed liveChange() {
    var seen = new LiveVersions(shop);
    try {
      seen.start();
      seen.awaitFirst();
      shop.edit("50-catalog-route.yaml", "weight: 90", "weight: 0");
      shop.edit("50-catalog-route.yaml", "weight: 10", "weight: 100");
      long edited = System.currentTimeMillis();
      long millis = seen.millisUntilAll("v2", edited);
      return millis < 0
          ? new Observed(
              false, "requests still went to v1 after 5 s; failed requests: " + seen.failures())
          : new Observed(
              seen.failures() == 0,
              "first request with the new weights "
                  + millis
                  + " ms after the edit; failed requests: "
                  + seen.failures());
    } finally {
      seen.stop();
    }
  }

  /// What a step saw, and whether it is what was expected.
  record Observed(boolean ok, String text) {}
}
