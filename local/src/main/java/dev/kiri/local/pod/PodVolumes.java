package dev.kiri.local.pod;

import static dev.kiri.local.store.KubeObject.in;
import static dev.kiri.local.store.KubeObject.textIn;

import dev.kiri.local.store.KubeObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/// Writes a pod's own files and volumes to disk, and knows where each belongs inside the pod.
/// Thread-safe: a pod that starts and an object that changes both write, one after the other.
public final class PodVolumes {
  private static final Duration ACCOUNT_TOKEN_LIFETIME = Duration.ofHours(1);

  /// A kubelet signs a token anew after four fifths of its life
  /// (kubernetes/kubernetes pkg/kubelet/token/token_manager.go).
  private static final double RENEWED_AFTER = 0.8;

  private final Tokens tokens;
  private final ReentrantLock writing = new ReentrantLock();

  /// When the first of a pod's tokens is due, by the pod's folder.
  private final Map<Path, Instant> renewals = new ConcurrentHashMap<>();

  public PodVolumes(Tokens tokens) {
    this.tokens = tokens;
  }

  /// Writes everything the pod needs and returns the script that binds it into the pod.
  String rootScript(KubeObject pod, PodPlace place, VolumeSources sources) throws IOException {
    var etc = Files.createDirectories(place.folder().resolve("etc"));
    Files.writeString(etc.resolve("hosts"), PodFiles.hosts(pod, place.addresses()));
    Files.writeString(etc.resolve("resolv.conf"), PodFiles.resolvConf(pod));
    Files.writeString(etc.resolve("hostname"), Environment.hostname(pod) + "\n");
    refresh(pod, place, sources);

    var binds = new ArrayList<RootScript.Bind>();
    binds.addAll(volumeBinds(pod, place, sources));
    for (var file : List.of("hosts", "resolv.conf", "hostname")) {
      var target = Path.of("/etc", file);
      binds.add(new RootScript.Bind(etc.resolve(file).toString(), resolved(target), true, false));
    }
    var account = place.folder().resolve("account");
    binds.add(
        new RootScript.Bind(
            account.toString(), resolved(Path.of(PodFiles.ACCOUNT_FOLDER)), false, true));
    boolean ownNetwork = place.own().isPresent();
    return RootScript.of(
        place.folder().resolve("root").toString(),
        Environment.hostname(pod),
        hostRoot(),
        binds,
        ownNetwork);
  }

  private static List<RootScript.Bind> volumeBinds(
      KubeObject pod, PodPlace place, VolumeSources sources) throws IOException {
    var out =
        new LinkedHashMap<String, RootScript.Bind>(); // containers of a pod share its file system
    var specs = new ArrayList<>(ContainerSpec.initContainersOf(pod));
    specs.addAll(ContainerSpec.containersOf(pod));
    for (var spec : specs) {
      var environment = Environment.of(pod, spec, sources);
      for (var mount : spec.mounts()) {
        var source = source(pod, place, mount, Environment.expand(mount.subPath(), environment));
        boolean file = Files.isRegularFile(source);
        if (!file) {
          Files.createDirectories(source);
        }
        var target = resolved(Path.of(mount.path()));
        out.putIfAbsent(
            target, new RootScript.Bind(source.toString(), target, file, mount.readOnly()));
      }
    }
    return List.copyOf(out.values());
  }

  private static Path source(
      KubeObject pod, PodPlace place, ContainerSpec.Mount mount, String subPath) {
    var volume =
        pod.maps("spec", "volumes").stream()
            .filter(v -> textIn(v, "name").equals(mount.volume()))
            .findFirst()
            .orElse(Map.of());
    var hostPath = textIn(volume, "hostPath", "path");
    var folder =
        hostPath.isEmpty()
            ? place.folder().resolve("volumes").resolve(mount.volume())
            : Path.of(hostPath);
    return subPath.isEmpty() ? folder : folder.resolve(subPath);
  }

  /// Signs the pod's tokens anew, all of them, when one is due.
  void renewIfDue(KubeObject pod, PodPlace place, VolumeSources sources) {
    var due = renewals.get(place.folder());
    if (due != null && !tokens.now().isBefore(due)) {
      refresh(pod, place, sources);
    }
  }

  /// Writes the files of volumes made from objects, and the account's token and certificate.
  void refresh(KubeObject pod, PodPlace place, VolumeSources sources) {
    writing.lock();
    try {
      var shortest = new AtomicLong(ACCOUNT_TOKEN_LIFETIME.toSeconds());
      var accountUid =
          sources
              .object("ServiceAccount", pod.textOr("default", "spec", "serviceAccountName"))
              .map(KubeObject::uid)
              .orElse("");
      PodFiles.TokenSigner signer =
          (audience, seconds) -> {
            shortest.accumulateAndGet(seconds, Math::min);
            return tokens.sign(pod, accountUid, List.of(audience), Duration.ofSeconds(seconds));
          };
      for (var volume : pod.maps("spec", "volumes")) {
        if (in(volume, "hostPath") != null) {
          continue;
        }
        var folder =
            Files.createDirectories(
                place.folder().resolve("volumes").resolve(textIn(volume, "name")));
        var contents = PodFiles.contents(volume, pod, sources, signer);
        if (contents.isPresent()) {
          writeAll(folder, contents.get());
        }
      }
      var account = Files.createDirectories(place.folder().resolve("account"));
      var files = new LinkedHashMap<String, String>();
      files.put(
          "token", tokens.sign(pod, accountUid, List.of(Tokens.ISSUER), ACCOUNT_TOKEN_LIFETIME));
      files.put("namespace", pod.namespace());
      sources
          .object("ConfigMap", PodFiles.ROOT_CONFIG_MAP)
          .ifPresent(o -> files.put("ca.crt", o.text("data", "root-cert.pem")));
      writeAll(account, files);
      renewals.put(
          place.folder(), tokens.now().plusMillis((long) (shortest.get() * 1000 * RENEWED_AFTER)));
    } catch (IOException e) {
      throw new UncheckedIOException("writing the volumes of " + pod.key() + ": " + e, e);
    } finally {
      writing.unlock();
    }
  }

  private static void writeAll(Path folder, Map<String, String> files) throws IOException {
    for (var file : files.entrySet()) {
      var path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      if (Files.exists(path) && Files.readString(path).equals(file.getValue())) {
        continue;
      }
      var half = path.resolveSibling("." + path.getFileName() + ".new");
      Files.writeString(half, file.getValue());
      Files.move(half, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /// The path with the symbolic links of its existing part resolved, as the host has them.
  static String resolved(Path path) throws IOException {
    var here = path.normalize();
    if (java.nio.file.Files.isSymbolicLink(here)) { // also one that leads nowhere on the host
      var target = here.resolveSibling(Files.readSymbolicLink(here)).normalize();
      return resolved(target);
    }
    if (Files.exists(here)) {
      return here.toRealPath().toString();
    }
    var parent = here.getParent();
    return parent == null
        ? "/"
        : Path.of(resolved(parent), String.valueOf(here.getFileName())).toString();
  }

  private static List<RootScript.Entry> hostRoot() throws IOException {
    try (var entries = Files.list(Path.of("/"))) {
      var out = new ArrayList<RootScript.Entry>();
      for (var entry : entries.sorted(Comparator.naturalOrder()).toList()) {
        var name = String.valueOf(entry.getFileName());
        if (Files.isSymbolicLink(entry)) {
          out.add(new RootScript.Entry.Link(name, Files.readSymbolicLink(entry).toString()));
        } else if (Files.isDirectory(entry)) {
          out.add(new RootScript.Entry.Folder(name));
        }
      }
      return out;
    }
  }

  /// Removes the pod's folder; its logs stay.
  void delete(PodPlace place) {
    renewals.remove(place.folder());
    try (var all = Files.walk(place.folder())) {
      all.sorted(Comparator.reverseOrder()).forEach(p -> p.toFile().delete());
    } catch (IOException | UncheckedIOException e) {
      // already gone
    }
  }
}
