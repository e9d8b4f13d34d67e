package io.faultline.tests.criu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.faultline.cli.bench.criu.Application;
import io.faultline.cli.bench.criu.CriuLab;
import io.faultline.cli.bench.criu.DestinationHost;
import io.faultline.cli.bench.criu.HostCommand;
import io.faultline.cli.bench.criu.LineClient;
import io.faultline.uffd.linux.process.DescriptorConnection;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is wrong on CRIU's socket or in the images ends the daemon with 1 and a line about it. */
class BadInputTest {
  /** Of the dumped process. */
  private static final int PID = 5000;

  private static final int APPLICATION_PORT = 7000;

  @RegisterExtension private static final Labs LABS = new Labs();

  @Test
  void wrongMessagesOnTheSocketAreReported() throws Exception {
    DestinationHost destination = dumped();
    assertThat(outputAfter(destination, message(4).putInt(PID), 2)).contains("within a message");
    assertThat(outputAfter(destination, message(5).putInt(PID).put((byte) 0), 5))
        .contains(Integer.toString(PID), "descriptor");
    assertThat(outputAfter(destination, message(4).putInt(0), 4)).contains("process id 0");
    assertThat(outputAfter(destination, message(0), 0)).isNotEmpty();
  }

  @Test
  void secondDescriptorIsRefused() throws Exception {
    DestinationHost destination = dumped();
    HostCommand daemon = destination.startLocalDaemon(LABS.ownDaemon());
    try (Arena arena = Arena.ofConfined();
        DescriptorConnection client = DescriptorConnection.connect(socket(destination))) {
      MemorySegment bytes = arena.allocate(Integer.BYTES, Integer.BYTES);
      bytes.set(ValueLayout.JAVA_INT, 0, PID);
      assertThat(client.send(bytes.address(), Integer.BYTES)).isEqualTo(Integer.BYTES);
      assertThat(client.send(bytes.address(), 1, client.fd(), client.fd())).isEqualTo(1);
      assertThat(endOf(daemon)).contains("process " + PID, "descriptors", "one userfaultfd");
    }
  }

  /** All of it was there when the daemon looked. */
  @Test
  void pagesFileThatIsTruncatedMeanwhileEndsTheProcess() throws Exception {
    DestinationHost destination = dumped();
    HostCommand daemon = destination.startLocalDaemon(LABS.ownDaemon(), "--no-background");
    destination.restore();
    try (FileChannel pages =
        FileChannel.open(destination.images().resolve("pages-1.img"), StandardOpenOption.WRITE)) {
      assertThat(pages.truncate(0).size()).isZero();
    }
    try (LineClient client = destination.client(APPLICATION_PORT)) {
      assertThatExceptionOfType(IOException.class)
          .isThrownBy(() -> client.ask("CHECK", Labs.LIMIT))
          .withMessageContaining("closed");
    }
    assertThat(endOf(daemon)).contains("pages-1.img");
    assertThat(destination.state()).as("the restored process").isEmpty();
  }

  @Test
  void wrongImagesAreReportedBeforeAnythingIsRestored() throws Exception {
    DestinationHost destination = dumped();
    Path tree = destination.images().resolve("pstree.img");
    try (FileChannel file = FileChannel.open(tree, StandardOpenOption.WRITE)) {
      assertThat(file.truncate(file.size() - 1).size()).isPositive();
    }
    assertThat(refusal(destination)).contains("pstree.img");
    Files.delete(tree);
    assertThat(refusal(destination)).contains("pstree.img");
    Files.writeString(destination.images().resolve("inventory.img"), "nothing");
    assertThat(refusal(destination)).contains("inventory.img");
  }

  private static DestinationHost dumped() throws IOException, InterruptedException {
    CriuLab lab = LABS.open();
    lab.source().start(Application.memoryServer(LABS.programs(), 1));
    lab.source().dump();
    lab.destination().copyImages(lab.source());
    return lab.destination();
  }

  /** What a daemon prints after a client has sent some bytes and closed its connection. */
  private static String outputAfter(DestinationHost destination, ByteBuffer message, int bytes)
      throws IOException, InterruptedException {
    HostCommand daemon = destination.startLocalDaemon(LABS.ownDaemon());
    try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      client.connect(UnixDomainSocketAddress.of(socket(destination)));
      assertThat(client.write(message.flip().limit(bytes))).isEqualTo(bytes);
    }
    return endOf(daemon);
  }

  private static Path socket(DestinationHost destination) {
    return destination.work().resolve("lazy-pages.socket");
  }

  /** What a daemon prints that fails. */
  private static String endOf(HostCommand daemon) throws IOException, InterruptedException {
    assertThat(daemon.await(Labs.LIMIT)).as("exit code: %s", daemon.output()).isEqualTo(1);
    return withoutStackTrace(daemon.output());
  }

  private static String refusal(DestinationHost destination) {
    IOException failure =
        assertThatExceptionOfType(IOException.class)
            .isThrownBy(() -> destination.startLocalDaemon(LABS.ownDaemon()))
            .withMessageContaining("ended before it was ready")
            .actual();
    return withoutStackTrace(String.valueOf(failure.getMessage()));
  }

  private static String withoutStackTrace(String output) {
    assertThat(output).doesNotContain("Exception", "\tat ");
    return output;
  }

  private static ByteBuffer message(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
