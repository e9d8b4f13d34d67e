package io.faultline.uffd.linux.injection;

import io.faultline.uffd.linux.process.ProcessEntry;
import io.faultline.uffd.linux.process.ProcessTable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * The threads of a process, the one that is least disturbed by a stop first: one that waits in a
 * system call that the kernel restarts; then one that runs or waits for a page; then one in a call
 * that ends with EINTR after any stop, like those of a debugger or of SIGSTOP (signal(7)). Threads
 * that wait uninterruptibly cannot be stopped, and are last.
 *
 * <p>The leader of a child of this process is left out: each stop of it ends a waitpid(2) of any of
 * our threads, such as that of {@link Process}, which would miss it here, and see the end of the
 * child there.
 */
final class ThreadChoice {
  private static final int RESTARTED = 0;
  private static final int RUNNING = 1;
  private static final int INTERRUPTED = 2;
  private static final int UNINTERRUPTIBLE = 3;
  private static final int ENDED = 4;

  /**
   * semop, semtimedop, rt_sigtimedwait, epoll_wait, epoll_pwait, epoll_pwait2, io_getevents,
   * io_pgetevents, io_uring_enter, msgrcv of x86-64.
   */
  private static final Set<String> NOT_RESTARTED =
      Set.of("65", "220", "128", "232", "281", "441", "208", "333", "426", "70");

  /** Of the file status. */
  private static final String TRACER = "TracerPid:";

  private record Candidate(int thread, int rank) {}

  private ThreadChoice() {}

  /** The ids of the threads of a process; empty if it has exited. */
  static List<Integer> of(int pid) {
    boolean isChild = isChild(pid);
    List<Candidate> candidates = new ArrayList<>();
    Path tasks = Path.of("/proc/" + pid + "/task");
    try (DirectoryStream<Path> all = Files.newDirectoryStream(tasks)) {
      for (Path task : all) {
        int thread = Integer.parseInt(task.getFileName().toString());
        int rank = rank(state(read(task, "stat")), read(task, "syscall"));
        if (rank != ENDED && (thread != pid || !isChild)) {
          candidates.add(new Candidate(thread, rank));
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      return List.of(); // the process is gone
    }
    candidates.sort(Comparator.comparingInt(Candidate::rank).thenComparingInt(Candidate::thread));
    return candidates.stream().map(Candidate::thread).toList();
  }

  /** Whether a thread has ended; the kernel refuses to trace such a one with EPERM. */
  static boolean hasEnded(int pid, int thread) {
    Path task = Path.of("/proc/" + pid + "/task/" + thread);
    return rank(state(read(task, "stat")), "") == ENDED;
  }

  /** Whether a thread of this process traces it still, such as one that is about to end. */
  static boolean isTracedFromHere(int pid, int thread) {
    String tracer =
        read(Path.of("/proc/" + pid + "/task/" + thread), "status")
            .lines()
            .filter(line -> line.startsWith(TRACER))
            .map(line -> line.substring(TRACER.length()).strip())
            .findFirst()
            .orElse("0");
    return !tracer.equals("0") && Files.exists(Path.of("/proc/self/task/" + tracer));
  }

  /**
   * The rank of a thread.
   *
   * @param state of proc_pid_stat(5)
   * @param call the text of {@code /proc/PID/task/TID/syscall}: {@code running}, {@code -1 ...}
   *     outside of a system call, or the number of the call and its arguments
   */
  static int rank(char state, String call) {
    if (state == 'Z' || state == 'X') {
      return ENDED;
    }
    if (state == 'D') {
      return UNINTERRUPTIBLE;
    }
    String first = call.strip().split(" ", -1)[0];
    if (first.isEmpty() || first.equals("running") || first.equals("-1")) {
      return RUNNING;
    }
    return NOT_RESTARTED.contains(first) ? INTERRUPTED : RESTARTED;
  }

  private static boolean isChild(int pid) {
    ProcessEntry entry = new ProcessTable().find(pid);
    return entry != null && entry.parentPid() == ProcessHandle.current().pid();
  }

  /** The state, after the name, which may contain anything; X if the thread is gone. */
  private static char state(String stat) {
    int at = stat.lastIndexOf(')') + 2;
    return at > 1 && at < stat.length() ? stat.charAt(at) : 'X';
  }

  private static String read(Path task, String file) {
    try {
      return new String(Files.readAllBytes(task.resolve(file)), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return ""; // the thread is gone, or its call is not readable
    }
  }
}
