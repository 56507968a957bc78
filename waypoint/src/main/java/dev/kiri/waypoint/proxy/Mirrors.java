package dev.kiri.waypoint.proxy;

import dev.kiri.waypoint.head.Head;
import dev.kiri.waypoint.route.HttpRule;
import dev.kiri.waypoint.upstream.Asked;
import dev.kiri.waypoint.upstream.Hosts;
import dev.kiri.waypoint.upstream.Target;
import dev.kiri.waypoint.upstream.TargetChoice;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The copies of one request that a rule sends elsewhere. Each share is drawn on its own, so that
/// neither the choice of the backend nor another mirror decides with it. Confined to its loop.
final class Mirrors {
  static final Mirrors NONE = new Mirrors(List.of());

  private final List<MirrorCopy> copies;

  private Mirrors(List<MirrorCopy> copies) {
    this.copies = copies;
  }

  /// @param head as the endpoint gets it
  /// @param end whether the head is all of the request
  static Mirrors start(
      HttpRule rule, LoopState state, RequestDecisions decisions, Head head, boolean end) {
    List<HttpRule.Mirror> wanted = rule.mirrors();
    if (wanted.isEmpty()) {
      return NONE;
    }
    List<MirrorCopy> started = new ArrayList<>();
    for (HttpRule.Mirror mirror : wanted) {
      if (mirror.share() < 1 && decisions.chance() >= mirror.share()) {
        continue;
      }
      var destined = state.program().destined(mirror.backend(), decisions.port());
      if (destined != null
          && state.chooser().choose(state.mesh(), destined, Set.of(), host(head))
              instanceof TargetChoice.Chosen(Target target)
          && MirrorCopy.mayStart(state)) {
        MirrorCopy copy = new MirrorCopy(state);
        copy.begin(
            decisions.reached(destined, target),
            decisions.http2(mirror.backend(), destined),
            destined.policy(),
            head,
            end);
        started.add(copy);
      }
    }
    return new Mirrors(started);
  }

  private static Asked host(Head head) {
    return new Asked() {
      @Override
      public @Nullable String host() {
        return Hosts.of(head);
      }

      @Override
      public @Nullable InetSocketAddress dialled() {
        return null;
      }
    };
  }

  void body(ByteBuf payload) {
    for (MirrorCopy copy : copies) {
      copy.send(payload.duplicate());
    }
  }

  void end() {
    for (MirrorCopy copy : copies) {
      copy.endRequest();
    }
  }

  void trailers(Head trailers) {
    for (MirrorCopy copy : copies) {
      copy.endRequest(trailers);
    }
  }

  /// The rest of the request will not come: nobody may take what came for all of it.
  void cancel() {
    for (MirrorCopy copy : copies) {
      copy.cancel();
    }
  }
}
