package dev.kiri.local.pod;

import java.util.ArrayList;
import java.util.List;

/// The shell script that builds a pod's file system and then holds its namespaces. Pure.
///
/// The pod sees the host's files, bound entry by entry under a new root, so that mount points can
/// be made without touching the host. `/run` is the pod's own. A mount point that the host does not
/// have is made in an overlay over the nearest folder that it has.
final class RootScript {
  /// Something bound into the pod. `target` has no symbolic links left in the part that exists.
  record Bind(String source, String target, boolean file, boolean readOnly) {}

  /// One entry of the host's root folder.
  sealed interface Entry {
    String name();

    record Folder(String name) implements Entry {}

    record Link(String name, String target) implements Entry {}
  }

  private final StringBuilder script = new StringBuilder();
  private final String root;

  private RootScript(String root) {
    this.root = root;
  }

  static String of(
      String root, String hostname, List<Entry> hostRoot, List<Bind> binds, boolean ownNetwork) {
    var out = new RootScript(root);
    out.start(hostname, hostRoot, ownNetwork);
    var overlaid = new ArrayList<String>();
    for (var bind : binds) {
      out.place(bind, overlaid);
    }
    for (var bind : binds) {
      out.bind(bind);
    }
    out.script.append("echo ready\nexec chroot \"$R\" sleep infinity\n");
    return out.script.toString();
  }

  private void start(String hostname, List<Entry> hostRoot, boolean ownNetwork) {
    line("set -e");
    line("R=" + quoted(root));
    line("mount -t tmpfs -o mode=755 pod \"$R\"");
    var table = new StringBuilder();
    for (var entry : hostRoot) {
      switch (entry) {
        case Entry.Link(var name, var target) ->
            line("ln -s " + quoted(target) + " \"$R\"/" + quoted(name));
        case Entry.Folder(var name) when name.equals("run") || name.equals("sys") && ownNetwork ->
            line("mkdir \"$R\"/" + name);
        case Entry.Folder(var name) -> {
          line("mkdir \"$R\"/" + quoted(name));
          table.append(
              escaped("/" + name) + " " + escaped(root + "/" + name) + " none rbind 0 0\n");
        }
      }
    }
    line("mkdir -p \"$R/run/lock\" \"$R/.pod\"");
    line("cat > \"$R/.pod/table\" <<'END'\n" + table + "END");
    line("mount -a -T \"$R/.pod/table\"");
    if (ownNetwork) {
      line("mount -t sysfs sysfs \"$R/sys\" 2>/dev/null || mount --rbind /sys \"$R/sys\"");
    }
    // The file belongs to the machine's root; in a user namespace only the system call works.
    line(
        "hostname "
            + quoted(hostname)
            + " 2>/dev/null || echo "
            + quoted(hostname)
            + " > /proc/sys/kernel/hostname");
    line("n=0");
    line(
        """
        place() {
          [ -e "$R$1" ] && return 0
          a=$1
          while [ ! -d "$R$a" ]; do a=${a%/*}; done
          case "$a" in
            ''|/run|/run/*) ;;
            *)
              n=$((n+1)); u="$R/.pod/over$n"; mkdir -p "$u/up" "$u/work"
              mount -t overlay -o "lowerdir=$R$a,upperdir=$u/up,workdir=$u/work" pod "$R$a" ;;
          esac
          if [ "$2" = file ]; then mkdir -p "$R${1%/*}"; : > "$R$1"; else mkdir -p "$R$1"; fi
        }\
        """);
  }

  private void place(Bind bind, List<String> done) {
    if (!done.contains(bind.target())) {
      done.add(bind.target());
      line("place " + quoted(bind.target()) + (bind.file() ? " file" : " folder"));
    }
  }

  private void bind(Bind bind) {
    line("mount --rbind " + quoted(bind.source()) + " \"$R\"" + quoted(bind.target()));
    if (bind.readOnly()) {
      line("mount -o remount,bind,ro \"$R\"" + quoted(bind.target()));
    }
  }

  private void line(String text) {
    script.append(text).append('\n');
  }

  /// A word for the shell that means exactly this text.
  static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }

  /// A field of a mount table (fstab(5)).
  private static String escaped(String text) {
    return text.replace("\\", "\\134").replace(" ", "\\040").replace("\t", "\\011");
  }
}
