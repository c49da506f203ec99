import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(0, 2 * np.pi, 200)
plt.figure(figsize=(5, 2.5))
plt.fill_between(x, np.sin(x), color="#1f77b4")
plt.plot(x, np.cos(x), color="#d62728", linewidth=3)
plt.title("A figure")
plt.show()
