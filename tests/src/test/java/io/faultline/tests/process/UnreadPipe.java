package io.faultline.tests.process;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** A named pipe that is full, so that whoever writes to it waits until it is read. */
final class UnreadPipe implements AutoCloseable {
  private final Path path;
  private final RandomAccessFile bothEnds;

  private UnreadPipe(Path path, RandomAccessFile bothEnds) {
    this.path = path;
    this.bothEnds = bothEnds;
  }

  /**
   * Creates one.
   *
   * @param path of the file to create
   */
  static UnreadPipe create(Path path) throws IOException {
    assumeTrue(Shell.run("mkfifo", path.toString()).isEmpty(), "mkfifo failed");
    UnreadPipe pipe = new UnreadPipe(path, new RandomAccessFile(path.toFile(), "rw"));
    // Ends when the pipe is full: writing would have to wait.
    String ended = Shell.run("dd", "if=/dev/zero", "of=" + path, "bs=4096", "oflag=nonblock");
    assumeTrue(ended.contains("unavailable"), "dd cannot fill a pipe: " + ended);
    return pipe;
  }

  /** Where a process writes to. */
  Path path() {
    return path;
  }

  /** Reads from the pipe until a process has ended; returns what was written, without filling. */
  String readUntilEnd(Node writer) throws IOException, InterruptedException {
    StringBuilder text = new StringBuilder();
    try (FileInputStream in = new FileInputStream(path.toFile())) {
      long deadline = System.nanoTime() + Node.LIMIT.toNanos();
      boolean ended = false;
      while (!ended && deadline - System.nanoTime() > 0) {
        ended = !writer.isAlive();
        while (in.available() > 0) {
          text.append(new String(in.readNBytes(in.available()), StandardCharsets.UTF_8));
        }
        TimeUnit.MILLISECONDS.sleep(10);
      }
    }
    return text.toString().replace("\0", "");
  }

  /** Closes both ends: whoever writes to it now gets an error. */
  @Override
  public void close() throws IOException {
    bothEnds.close();
  }
}
