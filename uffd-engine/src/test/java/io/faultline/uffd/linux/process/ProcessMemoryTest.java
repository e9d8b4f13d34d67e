package io.faultline.uffd.linux.process;

import static org.assertj.core.api.Assertions.assertThat;

import io.faultline.uffd.MapRequest;
import io.faultline.uffd.PageSize;
import io.faultline.uffd.Pagemap;
import io.faultline.uffd.linux.ChildProgram;
import io.faultline.uffd.linux.LinuxKernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProcessMemoryTest {
  private static final int PAGES = 4_000;
  private static final long PAGE = 4096;
  private static final long BYTES = PAGES * PAGE;
  private static final long MPROTECT = 10;
  private static final long MUNMAP = 11;

  private final long[] addresses = new long[PAGES];
  private final long[] lengths = new long[PAGES];
  private LinuxKernel kernel;
  private long memory;
  private long target;

  @BeforeEach
  void map() {
    StoppedChild.requireIt();
    kernel = new LinuxKernel();
    memory = kernel.map(MapRequest.anonymous(BYTES, PageSize.BASE));
    target = kernel.map(MapRequest.anonymous(BYTES, PageSize.BASE));
    MemorySegment all = MemorySegment.ofAddress(memory).reinterpret(BYTES);
    for (long at = 0; at < BYTES; at += Long.BYTES) {
      all.set(ValueLayout.JAVA_LONG, at, at + 1);
    }
  }

  @AfterEach
  void unmap() {
    if (memory != 0) {
      kernel.unmap(memory, BYTES);
      kernel.unmap(target, BYTES);
    }
  }

  @Test
  void manySmallRangesArriveInOrder() {
    try (StoppedChild child = new StoppedChild(new ChildProgram(), memory);
        ProcessMemory read = open(child)) {
      int count = PAGES / 2; // more than fit into one call
      for (int i = 0; i < count; i++) {
        addresses[i] = memory + (2L * i + 1) * PAGE - 8;
        lengths[i] = 16 + 8L * (i % 3);
      }
      long bytes = 0;
      for (int i = 0; i < count; i++) {
        bytes += lengths[i];
      }
      assertThat(read.read(addresses, lengths, count, target)).isEqualTo(bytes);
      long at = target;
      for (int i = 0; i < count; i++) {
        for (long each = 0; each < lengths[i]; each += 8, at += 8) {
          assertThat(load(at)).isEqualTo(addresses[i] + each - memory + 1);
        }
      }
    }
  }

  @Test
  void oneLargeRangeIsRead() {
    try (StoppedChild child = new StoppedChild(new ChildProgram(), memory);
        ProcessMemory read = open(child)) {
      assertThat(read.read(memory, BYTES, target)).isEqualTo(BYTES);
      assertThat(
              MemorySegment.ofAddress(target)
                  .reinterpret(BYTES)
                  .mismatch(MemorySegment.ofAddress(memory).reinterpret(BYTES)))
          .isEqualTo(-1);
    }
  }

  @Test
  void pagesThatTheProcessMayNotReadAreReadAllTheSame() {
    ChildProgram program = new ChildProgram();
    program.call(MPROTECT, memory + PAGE, 2 * PAGE, 0); // PROT_NONE
    try (StoppedChild child = new StoppedChild(program, memory);
        ProcessMemory read = open(child)) {
      for (int i = 0; i < 5; i++) { // a range over three protections, others within and after
        addresses[i] = memory + i * PAGE;
        lengths[i] = i == 0 ? 4 * PAGE : PAGE;
      }
      assertThat(read.read(addresses, lengths, 5, target)).isEqualTo(8 * PAGE);
      for (int page = 0; page < 4; page++) {
        assertThat(load(target + page * PAGE)).isEqualTo(page * PAGE + 1);
        assertThat(load(target + (page + 4) * PAGE)).isEqualTo((page + 1) * PAGE + 1);
      }
    }
  }

  @Test
  void readEndsWhereNothingIsMapped() {
    ChildProgram program = new ChildProgram();
    program.call(MUNMAP, memory + 2 * PAGE, PAGE);
    try (StoppedChild child = new StoppedChild(program, memory);
        ProcessMemory read = open(child)) {
      assertThat(read.read(memory, 4 * PAGE, target)).isEqualTo(2 * PAGE);
      assertThat(load(target + PAGE)).isEqualTo(PAGE + 1);
      assertThat(read.read(memory + 2 * PAGE, PAGE, target)).isZero();
      assertThat(read.read(memory + 3 * PAGE, PAGE, target)).isEqualTo(PAGE);
    }
  }

  @Test
  void processThatExitedIsGone() {
    try (StoppedChild child = new StoppedChild(new ChildProgram(), memory);
        ProcessMemory read = open(child)) {
      assertThat(read.read(memory, PAGE, target)).isEqualTo(PAGE);
      child.kill();
      assertThat(read.read(memory, PAGE, target)).isEqualTo(ProcessMemory.GONE);
      assertThat(ProcessMemory.open(child.pidfd())).isNull();
      assertThat(MemoryAreas.withFlags(child.pid())).isEmpty();
    }
  }

  @Test
  void mappingsShowWhatTheProcessChanged() {
    ChildProgram program = new ChildProgram();
    program.call(MPROTECT, memory + PAGE, 2 * PAGE, 1); // PROT_READ
    program.call(MUNMAP, memory + 5 * PAGE, PAGE);
    try (StoppedChild child = new StoppedChild(program, memory);
        Pagemap pagemap = kernel.openPagemap(child.pid())) {
      MemoryArea area = find(child, memory + PAGE);
      assertThat(area.start()).isEqualTo(memory + PAGE);
      assertThat(area.lengthBytes()).isEqualTo(2 * PAGE);
      assertThat(area.permissions()).isEqualTo("r--p");
      assertThat(area.isPrivate()).isTrue();
      assertThat(area.isAnonymous()).isTrue();
      assertThat(area.isRegistered()).isFalse();
      assertThat(area.flags()).contains("rd").doesNotContain("wr");
      assertThat(find(child, memory + 3 * PAGE).end()).isEqualTo(memory + 5 * PAGE);
      assertThat(pagemap.isPresent(memory + 4 * PAGE)).isTrue();
      assertThat(pagemap.isPresent(memory + 5 * PAGE)).isFalse();
      assertThat(MemoryAreas.of(child.pid()))
          .hasSameSizeAs(MemoryAreas.withFlags(child.pid()))
          .allMatch(each -> each.flags().isEmpty());
    }
  }

  private static ProcessMemory open(StoppedChild child) {
    return Objects.requireNonNull(ProcessMemory.open(child.pidfd()));
  }

  private static MemoryArea find(StoppedChild child, long address) {
    return MemoryAreas.withFlags(child.pid()).stream()
        .filter(each -> each.start() <= address && address < each.end())
        .findFirst()
        .orElseThrow();
  }

  private static long load(long address) {
    return MemorySegment.ofAddress(address).reinterpret(8).get(ValueLayout.JAVA_LONG, 0);
  }
}
