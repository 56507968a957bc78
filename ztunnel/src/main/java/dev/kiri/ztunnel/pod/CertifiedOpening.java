package dev.kiri.ztunnel.pod;

import dev.kiri.hbone.pool.Opening;
import io.netty.channel.EventLoop;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The opening of a stream, which begins as soon as the pod has the certificate for it. Confined to
/// its loop.
final class CertifiedOpening implements Opening {
  private final Pod pod;
  private final EventLoop loop;
  private final StreamPlan plan;
  private final StreamAttempt attempt;
  private @Nullable Opening asked;
  private boolean cancelled;

  private CertifiedOpening(Pod pod, EventLoop loop, StreamPlan plan, StreamAttempt attempt) {
    this.pod = pod;
    this.loop = loop;
    this.plan = plan;
    this.attempt = attempt;
  }

  /// Begins; the attempt may end before this returns. `uncertified` hears why there is no
  /// certificate, instead of the attempt.
  static Opening begin(
      Pod pod,
      EventLoop loop,
      StreamPlan plan,
      StreamAttempt attempt,
      Consumer<String> uncertified) {
    var opening = new CertifiedOpening(pod, loop, plan, attempt);
    var identity = plan.tunnel().source();
    var certificates = pod.node().certificates();
    if (certificates.current(identity) != null) {
      opening.ask();
    } else {
      certificates
          .request(identity)
          .whenComplete(
              (contexts, failed) ->
                  loop.execute(
                      () -> {
                        if (failed == null) {
                          opening.ask();
                        } else if (!opening.cancelled) {
                          uncertified.accept(cause(failed));
                        }
                      }));
    }
    return opening;
  }

  private void ask() {
    if (!cancelled) {
      asked = plan.open(pod, loop, attempt);
    }
  }

  @Override
  public void cancel() {
    cancelled = true;
    if (asked != null) {
      asked.cancel();
    }
  }

  private static String cause(Throwable failed) {
    var inner = failed.getCause();
    return String.valueOf(inner == null ? failed.getMessage() : inner.getMessage());
  }
}
