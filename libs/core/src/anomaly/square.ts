/** x², by multiplication: in hot loops the power operator costs a hundred times as much. */
export const square = (x: number): number => x * x;
