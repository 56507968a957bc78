package dev.kiri.mesh.xds;

import dev.kiri.mesh.grpc.CallFailed;
import dev.kiri.mesh.grpc.DiscoveryStream;
import dev.kiri.mesh.proto.core.Node;
import dev.kiri.mesh.proto.discovery.DeltaDiscoveryRequest;
import dev.kiri.mesh.proto.discovery.Resource;
import dev.kiri.mesh.proto.rpc.Status;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection from its first request to its end. For the client's thread.
final class XdsConnection {
  private static final Logger log = LoggerFactory.getLogger(XdsConnection.class);

  private final DiscoveryStream stream;
  private final Map<String, Subscribed<?>> subscriptions;
  private final XdsObserver observer;

  /// Told of each type whose response was accepted whole.
  private final Consumer<String> accepted;

  private final @Nullable Demands demands;
  private final Set<String> asked = new HashSet<>();

  XdsConnection(
      DiscoveryStream stream,
      Map<String, Subscribed<?>> subscriptions,
      XdsObserver observer,
      Consumer<String> accepted,
      @Nullable Demands demands) {
    this.stream = stream;
    this.subscriptions = subscriptions;
    this.observer = observer;
    this.accepted = accepted;
    this.demands = demands;
  }

  /// Subscribes and applies responses until the stream ends.
  void serve(NodeDescription description) throws CallFailed, IOException, InterruptedException {
    var node =
        Node.newBuilder()
            .setId(description.id())
            .setMetadata(StructValues.struct(description.metadata()))
            .build();
    if (demands != null) {
      demands.onChange(stream::wake);
    }
    for (var subscribed : subscriptions.values()) {
      var request =
          DeltaDiscoveryRequest.newBuilder()
              .setNode(node)
              .setTypeUrl(subscribed.typeUrl())
              .putAllInitialResourceVersions(subscribed.versions());
      if (demands != null && subscribed.typeUrl().equals(WorkloadSubscription.ADDRESS)) {
        var names = demands.all();
        asked.addAll(names);
        request.addAllResourceNamesSubscribe(names);
        request.addAllResourceNamesUnsubscribe(Demands.none());
      }
      stream.send(request.build());
    }
    while (true) {
      handleNext();
    }
  }

  /// Somebody wants more.
  private void askForMore() {
    var names = demands == null ? List.<String>of() : demands.missing(asked);
    if (!names.isEmpty()) {
      asked.addAll(names);
      stream.send(
          DeltaDiscoveryRequest.newBuilder()
              .setTypeUrl(WorkloadSubscription.ADDRESS)
              .addAllResourceNamesSubscribe(names)
              .build());
    }
  }

  private void handleNext() throws CallFailed, IOException, InterruptedException {
    var decoding = new Decoding();
    ResponseReader response;
    try (var bytes = stream.next(this::askForMore)) {
      response = ResponseReader.read(bytes, decoding);
    }
    observer.received(response.typeUrl(), response.resources(), response.bytes());
    var subscribed = subscriptions.get(response.typeUrl());
    if (subscribed == null) {
      log.error("response of unknown type {}", response.typeUrl());
      answer(response, List.of());
      return;
    }
    var rejections = decoding.apply(subscribed, response);
    if (demands != null) {
      demands.answered(decoding.names);
      demands.answered(response.removed());
    }
    rejections.forEach(rejection -> observer.rejected(response.typeUrl(), rejection));
    answer(response, rejections);
    if (rejections.isEmpty()) {
      accepted.accept(response.typeUrl());
    }
  }

  private void answer(ResponseReader response, List<Rejection> rejections) {
    var answer =
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(response.typeUrl())
            .setResponseNonce(response.nonce());
    if (!rejections.isEmpty()) {
      String text = rejections.stream().map(Rejection::toString).collect(Collectors.joining("; "));
      log.error("sending a refusal of type {}: {}", response.typeUrl(), text);
      answer.setErrorDetail(Status.newBuilder().setMessage(text));
    }
    stream.send(answer.build());
    observer.answered(response.typeUrl(), rejections.isEmpty());
  }

  /// Decodes resources as they are read. The response says its type after its resources, so each
  /// is taken at its own word at first; those that do not say, or say something else, wait for the
  /// end.
  private final class Decoding implements Consumer<Resource> {
    private final Map<String, Subscribed<?>.Batch> batches = new HashMap<>();
    private final List<Resource> waiting = new ArrayList<>();

    /// Names and aliases, if anybody waits for one.
    private final List<String> names = new ArrayList<>();

    @Override
    public void accept(Resource resource) {
      if (demands != null) {
        names.add(resource.getName());
        names.addAll(resource.getAliasesList());
      }
      var batch = batch(resource.getResource().getTypeUrl());
      if (batch == null) {
        waiting.add(resource);
      } else {
        batch.add(resource);
      }
    }

    private Subscribed<?>.@Nullable Batch batch(String typeUrl) {
      var known = batches.get(typeUrl);
      var subscribed = subscriptions.get(typeUrl);
      if (known != null || subscribed == null) {
        return known;
      }
      var batch = subscribed.batch();
      batches.put(typeUrl, batch);
      return batch;
    }

    List<Rejection> apply(Subscribed<?> subscribed, ResponseReader response) {
      var batch = batches.remove(subscribed.typeUrl());
      if (batch == null) {
        batch = subscribed.batch();
      }
      waiting.forEach(batch::add);
      var rejections = new ArrayList<>(batch.apply(response.removed()));
      batches.forEach(
          (typeUrl, other) ->
              other
                  .names()
                  .forEach(name -> rejections.add(new Rejection(name, "is of type " + typeUrl))));
      return rejections;
    }
  }
}
