package io.faultline.restore.frozen;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whether threads run, from {@code /proc} (proc_pid_stat(5), proc_pid_status(5)). A process is
 * frozen if each thread is stopped: by a tracer, as CRIU does it, or by a signal.
 */
final class TaskStates {
  private static final String TRACER = "\nTracerPid:";

  private TaskStates() {}

  /** Whether a line of {@code stat} is that of a stopped thread. */
  static boolean isStopped(String stat) {
    int state = stat.lastIndexOf(')') + 2;
    return state >= 2
        && state < stat.length()
        && (stat.charAt(state) == 't' || stat.charAt(state) == 'T');
  }

  /** Whether all threads of a process are stopped; false if it is gone. */
  static boolean areAllStopped(int pid) {
    try (DirectoryStream<Path> threads =
        Files.newDirectoryStream(Path.of("/proc/" + pid, "task"))) {
      boolean any = false;
      for (Path thread : threads) {
        if (!isStopped(read(thread.resolve("stat")))) {
          return false;
        }
        any = true;
      }
      return any;
    } catch (IOException | DirectoryIteratorException e) {
      return false;
    }
  }

  /** The process that traces this one; 0 if none does. */
  static int tracer(int pid) {
    try {
      String status = read(Path.of("/proc/" + pid + "/status"));
      int line = status.indexOf(TRACER);
      int end = line < 0 ? -1 : status.indexOf('\n', line + 1);
      return end < 0 ? 0 : Integer.parseInt(status.substring(line + TRACER.length(), end).strip());
    } catch (IOException | UncheckedIOException e) {
      return 0; // gone
    }
  }

  private static String read(Path file) throws IOException {
    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
  }
}
