package dev.kiri.controlplane.status;

import dev.kiri.controlplane.graph.Table;
import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.ObjectKey;
import dev.kiri.controlplane.source.ObjectWriter;
import dev.kiri.controlplane.source.WriteQueue;
import java.io.IOException;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Writes the wanted statuses in the background, each only where it differs from what is written
/// already.
public final class StatusWriter {
  private final Statuses statuses;
  private final ObjectWriter writer;
  private final WriteQueue queue;
  private final Clock clock;

  /// A writer that does nothing before [#follow].
  public StatusWriter(Statuses statuses, ObjectWriter writer, WriteQueue queue, Clock clock) {
    this.statuses = statuses;
    this.writer = writer;
    this.queue = queue;
    this.clock = clock;
  }

  /// Begins to follow the tables.
  public void follow() {
    statuses
        .byKind()
        .forEach(
            (kind, table) ->
                table.onChange(
                    changes -> changes.forEach(change -> enqueue(key(kind, change.key())))));
    statuses
        .refused()
        .onChange(changes -> changes.stream().map(Table.Change::key).forEach(this::enqueue));
  }

  /// Looks at every status again: for a process that begins to write. On the index's thread.
  public void all() {
    statuses
        .byKind()
        .forEach((kind, table) -> table.rows().keySet().forEach(path -> enqueue(key(kind, path))));
    List.copyOf(statuses.refused().rows().keySet()).forEach(this::enqueue);
    writer.withStatus().forEach(this::enqueue);
  }

  private static ObjectKey key(Kind kind, String path) {
    int slash = path.indexOf('/');
    return slash < 0
        ? new ObjectKey(kind, "", path)
        : new ObjectKey(kind, path.substring(0, slash), path.substring(slash + 1));
  }

  private void enqueue(ObjectKey key) {
    if (!statuses.has(key.kind())) {
      return;
    }
    Map<String, Object> wanted = statuses.wanted(key);
    queue.put("status of " + key, () -> write(key, wanted));
  }

  private void write(ObjectKey key, @Nullable Map<String, Object> wanted) throws IOException {
    Map<String, Object> present = writer.status(key);
    Map<String, Object> next =
        wanted == null
            ? Map.of()
            : Transitions.merge(
                wanted, present, clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
    if (!next.equals(present)) {
      writer.writeStatus(key, next);
    }
  }
}
