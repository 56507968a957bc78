package dev.kiri.redirect.zds;

import dev.kiri.redirect.netns.PodNetns;
import org.jspecify.annotations.Nullable;

/// An enrolled pod as the snapshot names it.
///
/// @param netns a handle of its own, closed by the server when sent; null when the namespace is not
/// known, which sends `Keep`
public record ZdsPod(String uid, WorkloadInfo workload, @Nullable PodNetns netns) {}
