package dev.kiri.redirect.agent;

import java.io.IOException;

/// Where pods and namespaces come from, and where a pod's state is written back.
public interface PodSource extends AutoCloseable {
  /// Reads everything once, then tells the listener of every change, on one thread of its own.
  ///
  /// @throws IOException when nothing can be read
  void start(Listener listener) throws IOException;

  /// The newest view.
  NodeView view();

  /// Writes the annotation that says how far a pod is enrolled; removes it for [Redirection#NONE],
  /// which is no error when the pod is gone.
  void annotate(Pod pod, Redirection state) throws IOException;

  /// Says why a pod that is to be captured is not yet, until [#annotate] says that it is, or is not
  /// to be any more.
  void explain(Pod pod, String why) throws IOException;

  @Override
  void close();

  /// Hears of changes; must not block. The view has changed already.
  interface Listener {
    void changed(NodeView before, NodeView now);
  }
}
