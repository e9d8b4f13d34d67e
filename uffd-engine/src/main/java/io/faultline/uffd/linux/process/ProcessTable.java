package io.faultline.uffd.linux.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The processes of this pid namespace, from {@code /proc} (proc_pid_stat(5), proc_pid_status(5),
 * proc_tid_children(5)). A process that ends while it is read is treated as if it had ended before.
 * Thread-safe.
 */
public final class ProcessTable {
  private static final int STATE = 0;
  private static final int PARENT = 1;
  private static final int START_TIME = 19;
  private static final String NAMESPACE_PIDS = "\nNSpid:";

  private final Path root;

  public ProcessTable() {
    this(Path.of("/proc"));
  }

  ProcessTable(Path root) {
    this.root = root;
  }

  /** The process with an id; null if there is none. */
  public @Nullable ProcessEntry find(int pid) {
    String stat = read(pid + "/stat");
    String status = read(pid + "/status");
    return stat == null || status == null ? null : parse(pid, stat, status);
  }

  /** The ids of all processes, in no particular order. */
  public List<Integer> all() {
    List<Integer> ids = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(root, "[1-9]*")) {
      for (Path process : processes) {
        ids.add(Integer.parseInt(process.getFileName().toString()));
      }
    } catch (IOException | DirectoryIteratorException e) {
      throw new IllegalStateException("cannot list " + root, e);
    }
    return ids;
  }

  /**
   * What one of a process's symbolic links shows, such as {@code exe} or {@code ns/pid}; null if
   * the process has exited, or this process may not look (see ptrace(2)).
   */
  public @Nullable String link(int pid, String name) {
    try {
      return Files.readSymbolicLink(root.resolve(pid + "/" + name)).toString();
    } catch (IOException e) {
      return null;
    }
  }

  /**
   * The ids of the children of all threads of a process, ascending. Complete only if the process
   * and its children are stopped, as the kernel's documentation says.
   */
  public List<Integer> children(int pid) {
    List<Integer> children = new ArrayList<>();
    try (DirectoryStream<Path> threads = Files.newDirectoryStream(root.resolve(pid + "/task"))) {
      for (Path thread : threads) {
        String list = read(root.relativize(thread.resolve("children")).toString());
        if (list != null && !list.isBlank()) {
          for (String child : list.strip().split(" +", -1)) {
            children.add(Integer.parseInt(child));
          }
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return children; // the process is gone
    }
    children.sort(null);
    return children;
  }

  /**
   * A process and all of its descendants, each after its parent; empty if there is no such process.
   * Complete only if all are stopped.
   */
  public List<ProcessEntry> tree(int pid) {
    List<ProcessEntry> found = new ArrayList<>();
    ProcessEntry top = find(pid);
    if (top != null) {
      found.add(top);
    }
    for (int next = 0; next < found.size(); next++) {
      int parent = found.get(next).pid();
      for (int id : children(parent)) {
        ProcessEntry child = find(id);
        if (child != null && child.parentPid() == parent) { // else its id was used again
          found.add(child);
        }
      }
    }
    return found;
  }

  /** The command name may contain spaces and parentheses, but the fields after it do not. */
  private static @Nullable ProcessEntry parse(int pid, String stat, String status) {
    int nameStart = stat.indexOf('(') + 1;
    int nameEnd = stat.lastIndexOf(')');
    if (nameStart == 0 || nameEnd < nameStart) {
      return null;
    }
    String[] fields = stat.substring(nameEnd + 1).strip().split(" ", -1);
    if (fields.length <= START_TIME) {
      return null;
    }
    return new ProcessEntry(
        pid,
        namespacePid(pid, status),
        Integer.parseInt(fields[PARENT]),
        fields[STATE].charAt(0),
        stat.substring(nameStart, nameEnd),
        Long.parseLong(fields[START_TIME]));
  }

  /** The last number of {@code NSpid: 4711 12 1}; without the line there are no namespaces. */
  private static int namespacePid(int pid, String status) {
    int line = status.indexOf(NAMESPACE_PIDS);
    if (line < 0) {
      return pid;
    }
    int end = status.indexOf('\n', line + 1);
    String numbers = status.substring(line + NAMESPACE_PIDS.length(), end).strip();
    return Integer.parseInt(numbers.substring(numbers.lastIndexOf('\t') + 1));
  }

  private @Nullable String read(String file) {
    try {
      return new String(Files.readAllBytes(root.resolve(file)), StandardCharsets.UTF_8);
    } catch (AccessDeniedException e) {
      throw new UncheckedIOException(e);
    } catch (IOException e) {
      return null; // the process is gone
    }
  }
}
