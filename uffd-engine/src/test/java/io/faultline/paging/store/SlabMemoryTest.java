package io.faultline.paging.store;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SlabMemoryTest {
  private record Block(long offset, int bytes, byte value) {}

  private final SlabMemory memory = new SlabMemory(Arena.ofAuto(), 40);

  private void fill(Block block) {
    memory
        .slab(block.offset)
        .asSlice(SlabMemory.place(block.offset), block.bytes)
        .fill(block.value);
  }

  private boolean isIntact(Block block) {
    long place = SlabMemory.place(block.offset);
    for (int i = 0; i < block.bytes; i++) {
      if (memory.slab(block.offset).get(JAVA_BYTE, place + i) != block.value) {
        return false;
      }
    }
    return true;
  }

  @Test
  void blocksDoNotOverlapInAnyOrderOfUse() {
    long seed = 11;
    Random random = new Random(seed);
    List<Block> blocks = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      if (blocks.isEmpty() || random.nextInt(100) < 55) {
        int bytes = 1 + random.nextInt(SlabMemory.MAX_BLOCK);
        long offset = memory.allocate(bytes);
        if (offset != SlabMemory.FULL) {
          Block block = new Block(offset, bytes, (byte) i);
          fill(block);
          blocks.add(block);
          continue;
        }
      }
      Block last = blocks.removeLast();
      int at = random.nextInt(blocks.size() + 1);
      Block freed = at == blocks.size() ? last : blocks.set(at, last);
      assertThat(isIntact(freed)).as("step " + i + ", " + freed).isTrue();
      memory.free(freed.offset);
    }
    blocks.forEach(block -> assertThat(isIntact(block)).as(block.toString()).isTrue());
    blocks.forEach(block -> memory.free(block.offset));
    assertThat(memory.usedBytes()).isZero();
  }

  private List<Long> allocateAll(int bytes) {
    List<Long> blocks = new ArrayList<>();
    for (long offset = memory.allocate(bytes);
        offset != SlabMemory.FULL;
        offset = memory.allocate(bytes)) {
      blocks.add(offset);
    }
    return blocks;
  }

  @Test
  void slabsServeAnotherSizeOnceTheyAreEmpty() {
    List<Long> small = allocateAll(100);
    assertThat(small)
        .hasSize(40 * SlabMemory.SLAB_BYTES / SlabMemory.GRAIN)
        .doesNotHaveDuplicates();
    assertThat(memory.allocate(4096)).isEqualTo(SlabMemory.FULL);
    assertThat(memory.usedBytes()).isEqualTo(40 * SlabMemory.SLAB_BYTES);
    small.stream().filter(offset -> offset / SlabMemory.SLAB_BYTES == 2).forEach(memory::free);
    assertThat(memory.usedBytes()).isEqualTo(39 * SlabMemory.SLAB_BYTES);
    List<Long> large = allocateAll(4096);
    assertThat(large).hasSize(SlabMemory.SLAB_BYTES / 4096);
    assertThat(large).allMatch(offset -> offset / SlabMemory.SLAB_BYTES == 2);
  }

  @Test
  void largerBlockServesIfThereIsNoOther() {
    List<Long> large = allocateAll(3000);
    memory.free(large.get(7));
    assertThat(memory.allocate(3073)).as("too large for it").isEqualTo(SlabMemory.FULL);
    assertThat(memory.allocate(50)).isEqualTo(large.get(7));
    assertThat(memory.suits(large.get(7), 3000)).isTrue();
    assertThat(memory.suits(large.get(7), 50)).isFalse();
  }

  @Test
  void blockThatIsNotAllocatedCannotBeFreed() {
    long offset = memory.allocate(100);
    memory.free(offset);
    assertThatThrownBy(() -> memory.free(offset)).isInstanceOf(IllegalStateException.class);
  }
}
