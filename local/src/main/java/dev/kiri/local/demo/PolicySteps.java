package dev.kiri.local.demo;

import static dev.kiri.local.demo.TrafficSteps.yes;

import dev.kiri.local.demo.TrafficSteps.Observed;

/// The steps about what is not allowed: by the waypoint, by ztunnel, by mutual TLS.
final class PolicySteps {
  private final Shop shop;

  PolicySteps(Shop shop) {
    this.shop = shop;
  }

  /// 3. A request is judged by its method.
  Observed requests() {
    var log = shop.waypointLog();
    long from = Shop.size(log);
    var get = status("shop", "web", "http://catalog/");
    var post = status("shop", "web", "-X", "POST", "-d", "x", "http://catalog/");
    var line = shop.logLine(log, from, l -> l.contains("catalog-read-only"));
    return new Observed(
        get.equals("200") && post.equals("403") && line.isPresent(),
        "GET "
            + get
            + ", POST "
            + post
            + "; the waypoint's log names the policy: "
            + yes(line.isPresent()));
  }

  /// 4. A connection is judged by its identity.
  Observed connections() {
    var log = shop.ztunnelLog("node-2");
    long from = Shop.size(log);
    var web = status("shop", "web", "http://orders/");
    var intruder = shop.curl("shop", "intruder", "http://orders/");
    var line = shop.logLine(log, from, l -> l.contains("sa/intruder") && l.contains("policy"));
    boolean named = line.filter(l -> l.contains("orders-only-from-web")).isPresent();
    return new Observed(
        web.equals("200") && intruder.code() != 0 && named,
        "web "
            + web
            + ", intruder cut with curl's exit code "
            + intruder.code()
            + "; ztunnel/node-2 says: "
            + line.map(PolicySteps::error).orElse("nothing"));
  }

  private static String error(String line) {
    int at = line.indexOf("error=");
    return at < 0 ? line : line.substring(at);
  }

  private String status(String namespace, String workload, String... arguments) {
    return shop.curl(namespace, workload, arguments).text().split(" ", 2)[0];
  }

  /// 5. Plain text from outside the mesh, with mutual TLS required and not.
  Observed plainText() {
    var address =
        shop.mesh().objects("Pod", "shop").stream()
            .filter(p -> p.name().startsWith("payments-"))
            .map(p -> p.text("status", "podIP"))
            .findFirst()
            .orElse("");
    var direct = "http://" + address + ":8080/";
    var mesh = status("shop", "web", "http://payments/");
    var legacy = status("legacy", "client", "http://payments.shop/");
    var outside = status("legacy", "caller", direct);
    shop.edit("70-payments.yaml", "mode: STRICT", "mode: PERMISSIVE");
    var legacyAfter = untilAnswered("legacy", "client", "http://payments.shop/");
    var outsideAfter = untilAnswered("legacy", "caller", direct);
    boolean ok =
        mesh.equals("200")
            && legacy.equals("000")
            && outside.equals("000")
            && legacyAfter.equals("200")
            && outsideAfter.equals("200");
    return new Observed(
        ok,
        "STRICT: from the mesh "
            + mesh
            + ", from beside it "
            + legacy
            + ", from outside "
            + outside
            + "; PERMISSIVE: from beside it "
            + legacyAfter
            + ", from outside "
            + outsideAfter
            + " (000: the connection was refused)");
  }

  private String untilAnswered(String namespace, String workload, String url) {
    long until = System.nanoTime() + 3_000_000_000L;
    var status = status(namespace, workload, url);
    while (status.equals("000") && System.nanoTime() < until) {
      Shop.pause(50);
      status = status(namespace, workload, url);
    }
    return status;
  }
}
