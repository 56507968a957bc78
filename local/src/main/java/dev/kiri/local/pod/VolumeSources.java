package dev.kiri.local.pod;

import dev.kiri.local.store.KubeObject;
import java.util.Optional;

/// Looks up ConfigMaps, Secrets and ServiceAccounts of a pod's namespace. Thread-safe.
public interface VolumeSources {
  Optional<KubeObject> object(String kind, String name);
}
