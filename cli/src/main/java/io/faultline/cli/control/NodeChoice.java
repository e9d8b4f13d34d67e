package io.faultline.cli.control;

import io.faultline.cli.options.UsageException;
import io.faultline.cli.status.LiveNode;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Chooses the node that a command is for. */
public final class NodeChoice {
  private NodeChoice() {}

  /**
   * The only candidate. If a source and destinations are candidates, the source is.
   *
   * @param id the first digits of its migration; null for any
   * @param role null for either
   * @throws UsageException if there is none, or there are several
   */
  public static LiveNode of(List<LiveNode> all, @Nullable String id, @Nullable ControlRole role) {
    List<LiveNode> candidates =
        all.stream()
            .filter(each -> id == null || each.migration().startsWith(id))
            .filter(each -> role == null || each.source() == (role == ControlRole.SOURCE))
            .toList();
    List<LiveNode> sources = candidates.stream().filter(LiveNode::source).toList();
    List<LiveNode> chosen = sources.isEmpty() ? candidates : sources;
    if (chosen.isEmpty()) {
      throw new UsageException(
          (id == null ? "no node can be controlled" : "no node of a migration " + id)
              + "; see faultline status");
    }
    if (chosen.size() > 1) {
      throw new UsageException(
          "several nodes match; give the id of one: "
              + chosen.stream().map(LiveNode::describe).collect(Collectors.joining(", ")));
    }
    return chosen.getFirst();
  }
}
