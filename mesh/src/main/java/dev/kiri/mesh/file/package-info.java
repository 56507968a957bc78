/// A mesh written down in a file, for running a proxy without a control plane.
///
/// [dev.kiri.mesh.file.MeshFile] is the entry. The format is upstream's (istio/ztunnel
/// `LOCAL_XDS_PATH`): YAML, or JSON, with the names that configuration dumps use.
@NullMarked
package dev.kiri.mesh.file;

import org.jspecify.annotations.NullMarked;
