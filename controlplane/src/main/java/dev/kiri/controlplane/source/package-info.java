/// Where objects come from and go to.
///
/// An [ObjectSource] tells a [SourceListener] which objects exist, in batches; an [ObjectWriter]
/// writes what the control plane itself makes. The folder pair ([FolderSource], [FolderWriter])
/// reads any tree of YAML files plus an overlay of annotations and status; a Kubernetes pair can
/// stand beside it, because everything behind these two interfaces sees only typed objects.
@NullMarked
package dev.kiri.controlplane.source;

import org.jspecify.annotations.NullMarked;
