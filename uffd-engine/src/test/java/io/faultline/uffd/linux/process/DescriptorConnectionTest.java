package io.faultline.uffd.linux.process;

import static io.faultline.uffd.linux.process.DescriptorConnection.END;
import static io.faultline.uffd.linux.process.DescriptorConnection.WOULD_BLOCK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.faultline.uffd.SystemCallException;
import io.faultline.uffd.linux.FileDescriptors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DescriptorConnectionTest {
  @TempDir Path directory;

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment bytes = arena.allocate(64);
  private final ReceivedDescriptors received = new ReceivedDescriptors();

  @BeforeEach
  void requireLinux() {
    assumeTrue(System.getProperty("os.name").equals("Linux"), "not Linux");
  }

  @AfterEach
  void free() {
    received.close();
    arena.close();
  }

  @Test
  void descriptorArrivesWithItsByteAndIsClosedOnExec() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    int sent = FileDescriptors.open(file, 0);
    try (Pair pair = new Pair(directory.resolve("s"))) {
      bytes.set(ValueLayout.JAVA_INT, 0, 4711);
      assertThat(pair.client.send(bytes.address(), 4)).isEqualTo(4);
      assertThat(pair.client.send(bytes.address(), 1, sent)).isEqualTo(1);

      bytes.fill((byte) 0);
      assertThat(pair.server.read(bytes.address(), 4)).isEqualTo(4);
      assertThat(bytes.get(ValueLayout.JAVA_INT, 0)).isEqualTo(4711);
      assertThat(pair.server.receive(bytes.address(), 1, received)).isEqualTo(1);
      assertThat(received.count()).isOne();
      assertThat(received.isTruncated()).isFalse();
      int taken = received.take();
      assertThat(received.count()).isZero();
      assertThat(FileDescriptors.describe(taken)).isEqualTo(file.toString());
      assertThat(Files.readString(Path.of("/proc/self/fdinfo/" + taken))).contains("flags:\t02");
      assertThatIllegalStateException().isThrownBy(received::take);
      FileDescriptors.close(taken);
    } finally {
      FileDescriptors.close(sent);
    }
    assertThat(descriptorsOf(file)).isZero();
  }

  @Test
  void descriptorsThatNobodyTakesAreClosed() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    int sent = FileDescriptors.open(file, 0);
    try (Pair pair = new Pair(directory.resolve("s"))) {
      pair.client.send(bytes.address(), 1, sent, sent);
      assertThat(pair.server.receive(bytes.address(), 1, received)).isEqualTo(1);
      assertThat(received.count()).isEqualTo(2);
      assertThat(received.isTruncated()).isFalse();
      assertThat(descriptorsOf(file)).isEqualTo(3);
      assertThat(pair.server.receive(bytes.address(), 1, received)).isEqualTo(WOULD_BLOCK);
      assertThat(received.count()).isZero();
      assertThat(descriptorsOf(file)).isEqualTo(1);
    } finally {
      FileDescriptors.close(sent);
    }
  }

  @Test
  void peerCannotLeakMoreDescriptorsThanFit() throws IOException {
    Path file = Files.createFile(directory.resolve("file"));
    int sent = FileDescriptors.open(file, 0);
    try (Pair pair = new Pair(directory.resolve("s"))) {
      int[] many = IntStream.generate(() -> sent).limit(100).toArray();
      pair.client.send(bytes.address(), 1, many);
      assertThat(pair.server.receive(bytes.address(), 1, received)).isEqualTo(1);
      assertThat(received.isTruncated()).isTrue();
      assertThat(received.count()).isLessThanOrEqualTo(ReceivedDescriptors.MAX);
      received.close();
      assertThat(descriptorsOf(file)).isEqualTo(1);

      pair.client.send(bytes.address(), 1, many);
      assertThat(pair.server.read(bytes.address(), 1)).isEqualTo(1);
      assertThat(descriptorsOf(file)).as("a plain read takes none").isEqualTo(1);
    } finally {
      FileDescriptors.close(sent);
    }
  }

  @Test
  void emptyStreamWouldBlockAndEndsWhenThePeerCloses() {
    try (Pair pair = new Pair(directory.resolve("s"))) {
      assertThat(pair.server.read(bytes.address(), 4)).isEqualTo(WOULD_BLOCK);
      assertThat(pair.server.receive(bytes.address(), 4, received)).isEqualTo(WOULD_BLOCK);
      pair.client.send(bytes.address(), 3);
      pair.client.close();
      assertThat(pair.server.read(bytes.address(), 2)).isEqualTo(2);
      assertThat(pair.server.receive(bytes.address(), 2, received)).isEqualTo(1);
      assertThat(pair.server.receive(bytes.address(), 2, received)).isEqualTo(END);
      assertThat(pair.server.read(bytes.address(), 2)).isEqualTo(END);
      assertThat(pair.server.send(bytes.address(), 1)).isEqualTo(END);
    }
  }

  @Test
  void connectionThatWasResetHasEnded() {
    try (Pair pair = new Pair(directory.resolve("s"))) {
      pair.server.send(bytes.address(), 1); // the client closes without reading it: a reset
      pair.client.close();
      assertThat(pair.server.read(bytes.address(), 1)).isEqualTo(END);
    }
  }

  @Test
  void fullSocketWouldBlock() {
    try (Pair pair = new Pair(directory.resolve("s"))) {
      int sent;
      do {
        sent = pair.client.send(bytes.address(), 64);
      } while (sent > 0);
      assertThat(sent).isEqualTo(WOULD_BLOCK);
    }
  }

  @Test
  void peerIsThisProcess() {
    try (Pair pair = new Pair(directory.resolve("s"))) {
      assertThat(pair.server.peerPid()).isEqualTo((int) ProcessHandle.current().pid());
      assertThat(pair.client.peerPid()).isEqualTo((int) ProcessHandle.current().pid());
    }
  }

  @Test
  void noWaitingClientIsNull() {
    try (DescriptorListener listener = DescriptorListener.listen(directory.resolve("s"), 1)) {
      assertThat(listener.accept()).isNull();
    }
  }

  @Test
  void longPathIsReachedThroughItsDirectory() throws IOException {
    Path deep = Files.createDirectories(directory.resolve("d".repeat(100)).resolve("e".repeat(90)));
    try (Pair pair = new Pair(deep.resolve("lazy-pages.socket"))) {
      assertThat(Files.exists(deep.resolve("lazy-pages.socket"))).isTrue();
      assertThat(pair.client.send(bytes.address(), 1)).isEqualTo(1);
    }
    Path name = deep.resolve("n".repeat(100));
    assertThatThrownBy(() -> DescriptorListener.listen(name, 1))
        .isInstanceOf(SystemCallException.class)
        .hasMessageContaining("ENAMETOOLONG");
  }

  @Test
  void relativePathIsThatOfTheWorkingDirectory() throws IOException {
    Path here = Path.of("").toAbsolutePath();
    Path relative = here.relativize(directory.resolve("r"));
    try (Pair pair = new Pair(relative)) {
      assertThat(Files.exists(directory.resolve("r"))).isTrue();
      assertThat(pair.client.peerPid()).isPositive();
    }
  }

  @Test
  void leftoverSocketIsReplacedAndAnotherFileIsNot() throws IOException {
    Path path = directory.resolve("s");
    DescriptorListener.listen(path, 1).close();
    assertThat(Files.exists(path)).isTrue();
    assertThatThrownBy(() -> DescriptorConnection.connect(path))
        .isInstanceOf(SystemCallException.class)
        .hasMessageContaining("ECONNREFUSED");
    try (Pair pair = new Pair(path)) {
      assertThat(pair.client.send(bytes.address(), 1)).isEqualTo(1);
    }
    Path file = Files.writeString(directory.resolve("file"), "precious");
    assertThatThrownBy(() -> DescriptorListener.listen(file, 1))
        .isInstanceOf(SystemCallException.class)
        .hasMessageContaining("EADDRINUSE: this file is not a socket");
    assertThat(Files.readString(file)).isEqualTo("precious");
  }

  @Test
  void countsBelowOneAreRefused() {
    try (Pair pair = new Pair(directory.resolve("s"))) {
      assertThatIllegalArgumentException().isThrownBy(() -> pair.client.send(bytes.address(), 0));
      assertThatIllegalArgumentException().isThrownBy(() -> pair.server.read(bytes.address(), 0));
    }
  }

  private static long descriptorsOf(Path file) throws IOException {
    try (var open = Files.list(Path.of("/proc/self/fd"))) {
      return open.map(each -> Integer.parseInt(each.getFileName().toString()))
          .filter(fd -> FileDescriptors.describe(fd).equals(file.toString()))
          .count();
    }
  }

  /** A connection within this process. */
  private static final class Pair implements AutoCloseable {
    private final DescriptorConnection client;
    private final DescriptorConnection server;

    Pair(Path path) {
      try (DescriptorListener listener = DescriptorListener.listen(path, 1)) {
        client = DescriptorConnection.connect(path);
        server = Objects.requireNonNull(listener.accept());
      }
    }

    @Override
    public void close() {
      client.close();
      server.close();
    }
  }
}
