BANDS=['red','green','blue','nir']
