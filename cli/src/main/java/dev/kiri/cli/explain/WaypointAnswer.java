package dev.kiri.cli.explain;

import dev.kiri.cli.dump.Element;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What the answer of a waypoint's `/explain` comes down to. Immutable.
///
/// @param endpoint a pod the request may go to, `namespace/pod`, where the waypoint sends it to the
/// service's own
record WaypointAnswer(
    String decision, boolean stops, List<String> steps, Optional<String> endpoint) {
  private static final String HEALTHY = " HEALTHY";
  private static final String POD = "/Pod/";

  static WaypointAnswer of(Element answer) {
    var refused = answer.text("refused");
    if (!refused.isEmpty()) {
      return new WaypointAnswer("refused: " + refused, true, List.of(), Optional.empty());
    }
    var route = answer.element("route");
    var policy = answer.element("authorization");
    var judged = policy.text("decision");
    var routed = route.text("decision");
    boolean denied = judged.startsWith("denied");
    boolean unrouted =
        routed.startsWith("404") || routed.startsWith("500") || routed.startsWith("connection cut");
    var steps = new ArrayList<String>();
    steps.add("authorization: " + judged + ", by " + policy.text("by"));
    steps.add("route: " + routed + words(", rule ", route.text("rule")) + by(route));
    route.texts("backends").forEach(backend -> steps.add("backend: " + backend));
    answer.texts("endpoints").forEach(endpoint -> steps.add("endpoint: " + endpoint));
    var own = routed.endsWith("own endpoints") && !denied;
    return new WaypointAnswer(
        denied ? judged + words(", by ", policy.text("by")) : "route: " + routed,
        denied || unrouted,
        steps,
        own ? firstHealthy(answer) : Optional.empty());
  }

  private static String by(Element route) {
    return words(", matched by path ", route.text("by"));
  }

  private static String words(String before, String text) {
    return text.isEmpty() ? "" : before + text;
  }

  /// `cluster//v1/Pod/namespace/name HEALTHY`.
  private static Optional<String> firstHealthy(Element answer) {
    return answer.texts("endpoints").stream()
        .filter(line -> line.endsWith(HEALTHY) && line.contains(POD))
        .map(line -> line.substring(line.indexOf(POD) + POD.length()))
        .map(line -> line.substring(0, line.length() - HEALTHY.length()))
        .findFirst();
  }
}
