package dev.kiri.redirect.agent;

import java.io.IOException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads which pod a process belongs to out of `/proc/<pid>/cgroup`. Pure. The shapes are those of
/// cgroupfs and systemd with containerd, docker and CRI-O, also nested (istio
/// `cni/pkg/nodeagent/podcgroupns.go`).
///
/// @param podUid with dashes; empty where the path names a container only
record CgroupText(String podUid, String containerId) {
  private static final String UID =
      "\\p{XDigit}{8}\\p{Punct}?\\p{XDigit}{4}\\p{Punct}?\\p{XDigit}{4}\\p{Punct}?\\p{XDigit}{4}\\p{Punct}?\\p{XDigit}{12}";
  private static final Pattern WITH_UID =
      Pattern.compile(
          "\\p{Punct}pod(" + UID + ")\\p{Punct}(?:[^\\p{Punct}]+\\p{Punct})*([^\\p{Punct}]+)$");
  private static final Pattern CRIO = Pattern.compile("(.*)crio\\p{Punct}([^\\p{Punct}]+)$");
  private static final Pattern POD = Pattern.compile("\\p{Punct}pod" + UID + "\\p{Punct}");
  private static final String SCOPE = ".scope";

  /// What the text names; null when it names no pod.
  ///
  /// @throws IOException when it is malformed or contradicts itself
  static @Nullable CgroupText parse(String text) throws IOException {
    CgroupText found = null;
    for (var line : text.lines().toList()) {
      var parts = line.split(":", 3);
      if (parts.length < 3) {
        throw new IOException("cgroup line without three fields: " + line);
      }
      var named = path(parts[2]);
      if (named != null) {
        found = found == null ? named : found.sameAs(named);
      }
    }
    return found;
  }

  private CgroupText sameAs(CgroupText other) throws IOException {
    if (!containerId.equals(other.containerId)) {
      throw new IOException(
          "multiple container IDs found in cgroups (%s, %s)"
              .formatted(containerId, other.containerId));
    }
    if (!podUid.equals(other.podUid)) {
      throw new IOException(
          "multiple pod UIDs found in cgroups (%s, %s)".formatted(podUid, other.podUid));
    }
    return this;
  }

  private static @Nullable CgroupText path(String full) {
    var path = full.endsWith(SCOPE) ? full.substring(0, full.length() - SCOPE.length()) : full;
    var withUid = WITH_UID.matcher(path);
    if (withUid.find()) {
      return new CgroupText(withUid.group(1).replaceAll("\\p{Punct}", "-"), withUid.group(2));
    }
    var crio = CRIO.matcher(path);
    if (crio.find() && !POD.matcher(crio.group(1)).find()) {
      return new CgroupText("", crio.group(2));
    }
    return null;
  }
}
