package io.faultline.restore.pageserver;

import static io.faultline.restore.image.PageFlags.LAZY;
import static io.faultline.restore.image.PageFlags.PARENT;
import static io.faultline.restore.image.PageFlags.PRESENT;
import static io.faultline.restore.pageserver.PageServerCommand.ADD;
import static io.faultline.restore.pageserver.PageServerCommand.ADD_WITH_FLAGS;
import static io.faultline.restore.pageserver.PageServerCommand.CLOSE;
import static io.faultline.restore.pageserver.PageServerCommand.FORCE_CLOSE;
import static io.faultline.restore.pageserver.PageServerCommand.GET;
import static io.faultline.restore.pageserver.PageServerCommand.HOLE;
import static io.faultline.restore.pageserver.PageServerCommand.OPEN;
import static io.faultline.restore.pageserver.PageServerCommand.OPEN_ANSWERED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.faultline.proto.Transport;
import io.faultline.restore.image.ImageDirectory;
import io.faultline.restore.image.PageExtents;
import io.faultline.restore.image.PagemapWriter;
import io.faultline.restore.image.ParentImages;
import io.faultline.restore.image.TaskImage;
import io.faultline.restore.image.TestImages;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class ReceivingPageServerTest {
  private static final long AT = 0x7f00_0000_0000L;
  private static final long PAGE = 4096;
  private static final int TASK = 1;
  private static final int SHARED = 2;

  @TempDir Path directory;
  private final Transport transport = new Transport();
  private final RecordingListener listener = new RecordingListener();

  @SuppressWarnings("NullAway.Init") // set by each test that needs it
  private PageServer server;

  private InetSocketAddress address() {
    return Objects.requireNonNull(server.address());
  }

  @AfterEach
  void closeLoops() {
    if (server != null) {
      server.close();
    }
    transport.close();
  }

  private TestClient connect(PageServerHeader header) throws IOException {
    server =
        PageServer.start(PageServerOptions.receive(directory, "127.0.0.1", 0), transport, listener);
    return new TestClient(address(), header);
  }

  private static long target(long id, int type) {
    return id << 8 | type;
  }

  private void waitDone() throws Exception {
    server.done().get(60, TimeUnit.SECONDS);
  }

  private void fails(String message) {
    assertThatThrownBy(this::waitDone)
        .cause()
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(message);
  }

  @ParameterizedTest
  @EnumSource
  void pagesBecomeImages(PageServerHeader header) throws Exception {
    TestImages.of(directory, 5000).area(AT, 20).memory(5000);
    long task = target(5000, TASK);
    try (TestClient client = connect(header)) {
      client.send(OPEN_ANSWERED, 0, 0, 0, task);
      assertThat(client.readByte()).isZero();
      client.send(ADD_WITH_FLAGS, PRESENT, 1, AT, task).pages(1, 1);
      client.send(ADD_WITH_FLAGS, LAZY | PRESENT, 3, AT + PAGE, task).pages(3, 2);
      client.send(ADD_WITH_FLAGS, LAZY, 2, AT + 4 * PAGE, task);
      client.send(ADD, 0, 1, AT + 10 * PAGE, task).pages(1, 3);
      client.send(OPEN_ANSWERED, 0, 0, 0, target(9, SHARED));
      assertThat(client.readByte()).isZero();
      client.send(ADD_WITH_FLAGS, PRESENT, 1, 0, target(9, SHARED)).pages(1, 4);
      client.send(CLOSE, 0, 0, 0, 0);
      assertThat(client.readInt()).isZero();
    }
    waitDone();
    TaskImage image = ImageDirectory.open(directory).task(5000);
    assertThat(image.isWide()).isEqualTo(header == PageServerHeader.WIDE);
    assertThat(image.layout().pageCount()).isEqualTo(5);
    assertThat(image.extents().offsetOf(0)).isEqualTo(PAGE);
    Path pages = directory.resolve("pages-65537.img");
    assertThat(image.extents().files()).containsExactly(pages);
    byte[] bytes = Files.readAllBytes(pages);
    assertThat(bytes).hasSize(5 * 4096);
    assertThat(bytes[0]).isEqualTo((byte) 1);
    assertThat(bytes[3 * 4096]).isEqualTo((byte) 2);
    assertThat(bytes[4 * 4096]).isEqualTo((byte) 3);
    assertThat(directory.resolve("pagemap-shmem-9.img")).exists();
    assertThat(directory.resolve("pages-65538.img")).hasSize(4096);
  }

  /** More than one read of the socket, and a header that two reads share. */
  @Test
  void longRunsAreReceived() throws Exception {
    TestImages.of(directory, 7).area(AT, 4000).memory(7);
    long task = target(7, TASK);
    try (TestClient client = connect(PageServerHeader.WIDE)) {
      client.send(OPEN, 0, 0, 0, task);
      for (int i = 0; i < 3; i++) {
        client.send(ADD_WITH_FLAGS, PRESENT | LAZY, 999, AT + i * 1000L * PAGE, task);
        client.pages(999, i + 1);
      }
      client.send(CLOSE, 0, 0, 0, 0);
      assertThat(client.readInt()).isZero();
    }
    waitDone();
    PageExtents extents = ImageDirectory.open(directory).task(7).extents();
    assertThat(extents.count()).isEqualTo(3);
    byte[] bytes = Files.readAllBytes(directory.resolve("pages-65537.img"));
    for (int page = 0; page < 3 * 999; page++) {
      assertThat(bytes[page * 4096]).isEqualTo((byte) (page / 999 + 1));
      assertThat(bytes[page * 4096 + 4095]).isEqualTo((byte) (page / 999 + 1));
    }
  }

  @Test
  void unchangedPagesAreLookedUpInTheParent() throws Exception {
    Path before = Files.createDirectory(directory.resolve("before"));
    Files.createSymbolicLink(directory.resolve("parent"), Path.of("before"));
    try (PagemapWriter writer = TestImages.of(before, 7).pagemap(7, 1)) {
      writer.add(AT, 4, PRESENT);
      TestImages.append(writer, 1, 4);
    }
    long task = target(7, TASK);
    try (TestClient client = connect(PageServerHeader.WIDE)) {
      client.send(PageServerCommand.PARENT, 0, 0, 0, task);
      assertThat(client.readInt()).isEqualTo(1);
      client.send(PageServerCommand.PARENT, 0, 0, 0, target(8, TASK));
      assertThat(client.readInt()).isZero();
      client.send(OPEN_ANSWERED, 0, 0, 0, task);
      assertThat(client.readByte()).isEqualTo(1);
      client.send(ADD_WITH_FLAGS, PARENT, 2, AT + PAGE, task);
      client.send(HOLE, 0, 1, AT + 3 * PAGE, task);
      client.send(CLOSE, 0, 0, 0, 0);
      assertThat(client.readInt()).isZero();
    }
    waitDone();
    assertThat(ParentImages.of(directory).has("pagemap-7.img")).isTrue();
  }

  @Test
  void pageThatTheParentLacksIsNamed() throws Exception {
    Path before = Files.createDirectory(directory.resolve("parent"));
    try (PagemapWriter writer = TestImages.of(before, 7).pagemap(7, 1)) {
      writer.add(AT, 4, PRESENT);
      TestImages.append(writer, 1, 4);
    }
    long task = target(7, TASK);
    try (TestClient client = connect(PageServerHeader.WIDE)) {
      client.send(OPEN, 0, 0, 0, task);
      client.send(ADD_WITH_FLAGS, PARENT, 2, AT + 3 * PAGE, task);
      assertThatThrownBy(client::end).isInstanceOf(SocketException.class);
    }
    fails("2 pages at 0x7f0000003000 of pagemap-7.img are not in the images of the dump before: ");
  }

  @Test
  void previousImagesAreLinked() throws Exception {
    PageServerOptions options =
        new PageServerOptions(false, directory, "../before", "127.0.0.1", 0, -1, null, true, 60);
    server = PageServer.start(options, transport, listener);
    assertThat(Files.readSymbolicLink(directory.resolve("parent"))).hasToString("../before");
  }

  @ParameterizedTest
  @EnumSource
  void sessionWithoutPagesIsConfirmed(PageServerHeader header) throws Exception {
    try (TestClient client = connect(header)) {
      client.send(CLOSE, 0, 0, 0, 0);
      assertThat(client.readInt()).isZero();
    }
    waitDone();
  }

  /** The dump resumes its process if the end is not confirmed. */
  @Test
  void endOfStreamWithoutCloseIsAFailure() throws Exception {
    try (TestClient client = connect(PageServerHeader.WIDE)) {
      client.send(OPEN, 0, 0, 0, target(7, TASK));
      client.send(ADD_WITH_FLAGS, PRESENT, 2, AT, target(7, TASK)).pages(1, 1);
    }
    fails(
        "the client closed the connection before the end of the dump: the images in "
            + directory
            + " are not complete");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 10, 11, 16, 17})
  void typesOfEarlierVersionsAreProcesses(int type) throws Exception {
    try (TestClient client = connect(PageServerHeader.NARROW)) {
      client.send(OPEN, 0, 0, 0, target(7, type)).send(FORCE_CLOSE, 0, 0, 0, 0);
      assertThat(client.readInt()).isZero();
    }
    assertThat(directory.resolve("pagemap-7.img")).exists();
  }

  @Test
  void unknownTypeIsNamed() throws Exception {
    try (TestClient client = connect(PageServerHeader.WIDE)) {
      client.send(OPEN, 0, 0, 0, target(7, 99));
      fails("the client dumps something of type 99 with id 7");
    }
  }

  @Test
  void entriesThatOverlapAreRefused() throws Exception {
    try (TestClient client = connect(PageServerHeader.WIDE)) {
      client.send(OPEN, 0, 0, 0, target(7, TASK));
      client.send(ADD_WITH_FLAGS, LAZY, 2, AT, target(7, TASK));
      client.send(ADD_WITH_FLAGS, LAZY, 2, AT + PAGE, target(7, TASK));
      fails("the client sent an entry of 2 pages at 0x7f0000001000 with flags 0x2, after 0x7f");
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MAX_VALUE, 1L << 52})
  void absurdCountsAreRefused(long pages) throws Exception {
    try (TestClient client = connect(PageServerHeader.WIDE)) {
      client.send(OPEN, 0, 0, 0, target(7, TASK));
      client.send(ADD_WITH_FLAGS, PRESENT, pages, AT, target(7, TASK));
      fails("the client sent an entry of " + pages + " pages");
    }
  }

  @Test
  void pagesOfAnotherProcessAreRefused() throws Exception {
    try (TestClient client = connect(PageServerHeader.WIDE)) {
      client.send(OPEN, 0, 0, 0, target(7, TASK));
      client.send(ADD_WITH_FLAGS, LAZY, 2, AT, target(8, TASK));
      fails("the client sent pages for pagemap-8.img while " + directory + "/pagemap-7.img");
    }
  }

  @Test
  void pagesBeforeAnOpenAreRefused() throws Exception {
    try (TestClient client = connect(PageServerHeader.WIDE)) {
      client.send(PageServerCommand.PARENT, 0, 0, 0, target(7, TASK));
      assertThat(client.readInt()).isZero();
      client.send(ADD_WITH_FLAGS, LAZY, 2, AT, target(7, TASK));
      fails("the client sent pages before it said whose");
    }
  }

  @Test
  void otherClientsAreRefused() throws Exception {
    try (TestClient client = connect(PageServerHeader.WIDE)) {
      client.send(GET, 0, 1, AT, 7);
      fails("the client starts with command 7: it is no criu dump");
    }
  }

  @Test
  void linkOutOfTheDirectoryIsNotFollowed() throws Exception {
    Path outside = Files.createFile(directory.resolve("outside"));
    Path images = Files.createDirectory(directory.resolve("images"));
    Files.createSymbolicLink(images.resolve("pages-65537.img"), outside);
    directory = images;
    try (TestClient client = connect(PageServerHeader.WIDE)) {
      client.send(OPEN, 0, 0, 0, target(7, TASK));
      client.send(ADD_WITH_FLAGS, PRESENT, 1, AT, target(7, TASK)).pages(1, 1);
      fails(images + "/pagemap-7.img: cannot be written (");
    }
    assertThat(outside).isEmptyFile();
  }

  @Test
  void directoryThatCannotBeWrittenIsNamedAtOnce() {
    PageServerOptions options = PageServerOptions.receive(Path.of("/proc/self"), "127.0.0.1", 0);
    assertThatThrownBy(() -> PageServer.start(options, transport, listener))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("/proc/self");
  }

  @Test
  void secondClientIsNotAccepted() throws Exception {
    try (TestClient client = connect(PageServerHeader.WIDE)) {
      client.send(PageServerCommand.PARENT, 0, 0, 0, target(7, TASK));
      assertThat(client.readInt()).isZero();
      assertThatThrownBy(
              () -> {
                try (TestClient second =
                    new TestClient(listener.address(), PageServerHeader.WIDE)) {
                  second.send(OPEN_ANSWERED, 0, 0, 0, target(7, TASK)).readByte();
                }
              })
          .isInstanceOf(IOException.class);
    }
  }
}
