/** The load and chaos tool: many clients on a running server, and a checker of what they saw. */
@NullMarked
package dev.roomcast.examples.load;

import org.jspecify.annotations.NullMarked;
