package dev.kiri.waypoint.filter;

import dev.kiri.waypoint.head.Head;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The steps, in their order. Answers pass them backwards.
public final class Filters {
  private static final List<Filter> ORDER =
      List.of(
          new Sanitize(), // fields no client may set
          new RequestId(), // x-request-id, x-forwarded-proto
          new ServerHeaders(), // server
          new Authorization(), // before anything that a rule may do
          new Upgrade(), // which protocols a client may switch to
          new RouteOutcome(), // no match, or a rule that cannot be honoured
          new Faults(), // behind authorisation, before all that a rule answers
          new Cors(), // behind authorisation: a preflight needs to be allowed too
          new RuleAnswers(), // redirects and direct responses
          new RuleHeaders(), // the rule's header changes
          new ChooseBackend(), // by weight
          new BackendHeaders(), // the backend's header changes
          new Rewrites()); // authority and path: what the endpoint sees last

  private Filters() {}

  /// Runs the steps until one answers.
  public static @Nullable LocalReply request(FilterContext context) {
    for (int i = 0; i < ORDER.size(); i++) {
      LocalReply reply = ORDER.get(i).request(context);
      if (reply != null) {
        return reply;
      }
    }
    return null;
  }

  public static void response(FilterContext context, Head answer, boolean local) {
    for (int i = ORDER.size() - 1; i >= 0; i--) {
      ORDER.get(i).response(context, answer, local);
    }
  }
}
