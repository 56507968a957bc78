package dev.kiri.controlplane.kubernetes;

import dev.kiri.controlplane.kinds.Kind;
import dev.kiri.controlplane.kinds.ObjectKey;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All objects of one kind in a cluster: listed in pages, then watched; after a closed watch, 410
/// Gone or any other failure watched or listed again, with growing pauses, without an end. An event
/// that is older than what was told of the object is left out. Called back by one thread at a time.
final class KindInformer implements ResourceEventHandler<GenericKubernetesResource>, AutoCloseable {
  private static final long PAGE = 500;

  /// Deletions that are remembered against events that come too late.
  private static final int GRAVES = 1000;

  private static final Logger LOG = LoggerFactory.getLogger("source");

  private final Kind kind;
  private final Listener listener;
  private final SharedIndexInformer<GenericKubernetesResource> informer;
  private final Map<String, Long> graves =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > GRAVES;
        }
      };

  /// Hears of objects.
  interface Listener {
    void present(ObjectKey key, GenericKubernetesResource object);

    void gone(ObjectKey key);

    /// All objects there are have been told.
    void listed(Kind kind);
  }

  KindInformer(KubernetesApi api, Kind kind, KubernetesApi.Served as, Listener listener) {
    this.kind = kind;
    this.listener = listener;
    var all =
        api.client().genericKubernetesResources(KubernetesApi.context(kind, as)).inAnyNamespace();
    informer =
        all.withLimit(PAGE)
            .runnableInformer(0)
            .itemStore(new SeenVersions())
            .removeNamespaceIndex()
            .addEventHandler(this)
            .exceptionHandler(
                (_, failure) -> {
                  LOG.warn("{}: {}, trying again", kind.kindName(), reason(failure));
                  return true;
                });
  }

  void start() {
    informer.start();
  }

  private static String reason(Throwable failure) {
    Throwable cause = failure;
    while (cause instanceof CompletionException && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause instanceof KubernetesClientException answer && answer.getStatus() != null
        ? answer.getCode() + " " + answer.getStatus().getMessage()
        : String.valueOf(cause.getMessage());
  }

  @Override
  public void onAdd(GenericKubernetesResource object) {
    Long buried = graves.get(path(object));
    if (buried == null || version(object) > buried) {
      listener.present(key(object), object);
    }
  }

  @Override
  public void onUpdate(GenericKubernetesResource old, GenericKubernetesResource now) {
    if (version(now) >= version(old)) {
      listener.present(key(now), now);
    }
  }

  @Override
  public void onDelete(GenericKubernetesResource object, boolean unknown) {
    graves.put(path(object), version(object));
    listener.gone(key(object));
  }

  @Override
  public void onList(String resourceVersion, boolean remainedEmpty) {
    listener.listed(kind);
  }

  private static String path(GenericKubernetesResource object) {
    return object.getMetadata().getNamespace() + "/" + object.getMetadata().getName();
  }

  private ObjectKey key(GenericKubernetesResource object) {
    String namespace = object.getMetadata().getNamespace();
    return new ObjectKey(kind, namespace == null ? "" : namespace, object.getMetadata().getName());
  }

  /// Versions of one kind are numbers that grow (Kubernetes API conventions since 1.35); of a
  /// server where they are not, every event counts.
  private static long version(GenericKubernetesResource object) {
    String version = object.getMetadata().getResourceVersion();
    try {
      return version == null ? Long.MAX_VALUE : Long.parseLong(version);
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }

  @Override
  public void close() {
    informer.close();
  }
}
