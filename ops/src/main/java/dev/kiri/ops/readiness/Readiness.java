package dev.kiri.ops.readiness;

import dev.kiri.ops.admin.AdminHandler;
import dev.kiri.ops.admin.AdminRequest;
import dev.kiri.ops.admin.AdminResponse;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The tasks a process must have finished before it may be called ready. A task may become pending
/// again, for instance when a connection it stands for is lost; the process is then unready.
/// Thread-safe.
public final class Readiness {
  private static final Logger LOG = LoggerFactory.getLogger("readiness");

  private static final String STARTING = "starting";

  private final long startedNanos = System.nanoTime();
  private final Map<String, String> pending = new ConcurrentSkipListMap<>();

  /// Names a task that is pending from now on.
  public Task task(String name) {
    var task = new Task(name);
    pending.put(name, STARTING);
    return task;
  }

  /// True while no task is pending.
  public boolean ready() {
    return pending.isEmpty();
  }

  /// Names of the pending tasks in order, each with the reason it gave last.
  public Map<String, String> pending() {
    // not the copying constructor, which trusts the size it saw first
    var now = new TreeMap<String, String>();
    pending.forEach(now::put);
    return now;
  }

  /// Answers `GET /healthz/ready`: `200 ready`, or `500 not ready, pending: a, b` and a line for
  /// each task that gave a reason.
  public AdminHandler handler() {
    return this::answer;
  }

  private AdminResponse answer(AdminRequest request) {
    var waiting = pending();
    if (waiting.isEmpty()) {
      return AdminResponse.text(200, "ready\n");
    }
    var text =
        new StringBuilder("not ready, pending: ")
            .append(String.join(", ", waiting.keySet()))
            .append('\n');
    waiting.forEach(
        (task, reason) -> {
          if (!reason.equals(STARTING)) {
            text.append(task).append(": ").append(reason).append('\n');
          }
        });
    return AdminResponse.text(500, text.toString());
  }

  /// One thing to finish. Both calls may be repeated.
  public final class Task {
    private final String name;

    private Task(String name) {
      this.name = name;
    }

    /// The task is finished.
    public void done() {
      if (pending.remove(name) == null) {
        return;
      }
      var took = Duration.ofNanos(System.nanoTime() - startedNanos).toMillis() + "ms";
      int left = pending.size();
      LOG.info(
          "Task '{}' complete ({}), {}",
          name,
          took,
          left == 0 ? "marking server ready" : "still awaiting " + left + " tasks");
    }

    /// The task is not finished, or not any more, for this reason.
    public void pending(String reason) {
      if (pending.put(name, reason) == null) {
        LOG.warn("Task '{}' is pending: {}", name, reason);
      }
    }
  }
}
