package dev.kiri.ztunnel.connections;

import dev.kiri.mesh.store.MeshSnapshot;
import dev.kiri.ztunnel.telemetry.Direction;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/// The open connections of one pod, apart by event loop. [#add] and [#remove] are for the
/// connection's own loop; the rest may be called from anywhere.
public final class LiveConnections {
  private final Map<EventLoop, Set<LiveConnection>> byLoop;

  /// For connections on these loops.
  public LiveConnections(List<EventLoop> loops) {
    byLoop = loops.stream().collect(Collectors.toUnmodifiableMap(l -> l, l -> new HashSet<>()));
  }

  /// A connection begins, on the calling loop.
  public void add(EventLoop loop, LiveConnection connection) {
    of(loop).add(connection);
  }

  /// It has ended; repeating changes nothing.
  public void remove(EventLoop loop, LiveConnection connection) {
    of(loop).remove(connection);
  }

  /// Has every connection look whether the mesh still allows it.
  public void reconsider(MeshSnapshot mesh) {
    forEach(connection -> connection.reconsider(mesh));
  }

  /// Ends every connection.
  public CompletionStage<?> abortAll(LiveConnection.Ending why) {
    return forEach(connection -> connection.abort(why));
  }

  /// How many there are, soon.
  public CompletionStage<Integer> count() {
    return gather(connections -> List.of(connections.size()))
        .thenApply(counts -> counts.stream().mapToInt(Integer::intValue).sum());
  }

  /// Completes when there are none; asks a few times a second.
  public CompletionStage<?> none() {
    return count()
        .thenCompose(
            count -> {
              if (count == 0) {
                return CompletableFuture.completedStage(null);
              }
              var later = CompletableFuture.delayedExecutor(200, TimeUnit.MILLISECONDS);
              return CompletableFuture.runAsync(() -> {}, later).thenCompose(waited -> none());
            });
  }

  /// The connections of one direction as the dump shows them, soon.
  public CompletionStage<List<LiveConnection.Entry>> entries(Direction direction) {
    return gather(
        connections ->
            connections.stream()
                .filter(connection -> connection.direction() == direction)
                .map(LiveConnection::describe)
                .toList());
  }

  private CompletionStage<?> forEach(Consumer<LiveConnection> action) {
    return gather(
        connections -> {
          // a connection that ends leaves the set while it is walked
          List.copyOf(connections).forEach(action);
          return List.of();
        });
  }

  private <T> CompletionStage<List<T>> gather(
      java.util.function.Function<Set<LiveConnection>, List<T>> question) {
    var answers = new ArrayList<CompletableFuture<List<T>>>();
    byLoop.forEach(
        (loop, connections) ->
            answers.add(CompletableFuture.supplyAsync(() -> question.apply(connections), loop)));
    return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
        .thenApply(done -> answers.stream().flatMap(answer -> answer.join().stream()).toList());
  }

  private Set<LiveConnection> of(EventLoop loop) {
    var connections = byLoop.get(loop);
    if (connections == null || !loop.inEventLoop()) {
      throw new IllegalStateException("not on a loop of this pod: " + Thread.currentThread());
    }
    return connections;
  }
}
