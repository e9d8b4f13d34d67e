/** What happens to the restored processes and the source when something fails. */
@NullMarked
package io.faultline.restore.outcome;

import org.jspecify.annotations.NullMarked;
